-- The instants of an agreement to a referral: the day alone does not tell what came before what.
-- Those from before have none.
alter table casework.referral_consent add column at text;
alter table casework.referral_consent add column withdrawn_at text;
alter table casework.referral_consent add column withdrawn_by blob check (length(withdrawn_by) = 16);

-- Who agreed: a draft may be given another person of the same case.
alter table casework.referral_consent add column person blob check (length(person) = 16);

-- Each time the letter of a referral was printed.
create table casework.referral_print (
  seq integer primary key,
  referral blob not null references referral (id) on delete restrict,
  at text not null,
  by blob not null check (length(by) = 16),
  -- A hash of what it said, to be compared with what it would say now.
  mark blob not null check (length(mark) = 32)
) strict;
-- Serves: the last print of one referral.
create index casework.referral_print_referral on referral_print (referral, seq);
create trigger casework.referral_print_stays before delete on referral_print begin select raise(abort, 'print'); end;
