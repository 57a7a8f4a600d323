-- Whom the centre sent where, and who was sent to it. Persons, partners, interpreters and users lie
-- in desk.db; here they are ids alone. That a referral exists at all is confidential: the desk has
-- the time and place of an appointment and nothing else.
create table casework.referral (
  id blob primary key check (length(id) = 16),
  -- R-2026-0012: the 12th of 2026, without gaps. It stands on the letter, whoever is named there.
  year integer not null check (year between 2000 and 2200),
  serial integer not null check (serial >= 1),
  case_file blob not null references case_file (id) on delete restrict,
  person blob not null check (length(person) = 16),
  partner blob not null check (length(partner) = 16),
  -- Why a partner that is unsafe was chosen all the same.
  partner_reason text,
  need text not null,
  urgency text not null check (urgency in ('emergency', 'urgent', 'normal')),
  ask text,
  story text,
  health text,
  papers text,
  state text not null check (state in ('drafted', 'sent', 'accepted', 'declined', 'appointment',
    'arrived', 'missed', 'completed', 'cancelled')),
  sent text,
  -- Why it was declined or cancelled, or what came of it.
  words text,
  appointment_at text,
  -- The desk's row of it.
  appointment blob check (length(appointment) = 16),
  accompanied_by text,
  interpreter blob check (length(interpreter) = 16),
  payer text not null check (payer in ('unknown', 'nobody', 'centre', 'partner', 'person',
    'employer', 'insurance', 'embassy')),
  currency text check (length(currency) = 3),
  estimate_minor integer check (estimate_minor > 0),
  actual_minor integer check (actual_minor > 0),
  follow_up text,
  created text not null,
  by blob not null check (length(by) = 16),
  unique (year, serial),
  check (state <> 'sent' or sent is not null),
  check (state <> 'appointment' or appointment_at is not null),
  check (state not in ('declined', 'completed') or words is not null),
  check (currency is not null or (estimate_minor is null and actual_minor is null))
) strict, without rowid;
-- Serves: the referrals of one case.
create index casework.referral_case on referral (case_file);
-- Serves: what is still open.
create index casework.referral_open on referral (state) where state not in ('completed', 'cancelled');
create trigger casework.referral_loses_none before delete on referral begin select raise(abort, 'referral'); end;

-- What its letter is to tell.
create table casework.referral_told (
  referral blob not null references referral (id) on delete restrict,
  told text not null check (told in ('name', 'phone', 'gender', 'birth', 'nationality', 'language',
    'area', 'access-needs', 'story', 'health', 'papers')),
  primary key (referral, told)
) strict, without rowid;

-- What a person agreed to, for one referral. A new agreement is a new row; the last one counts.
create table casework.referral_consent (
  seq integer primary key,
  referral blob not null references referral (id) on delete restrict,
  partner blob not null check (length(partner) = 16),
  -- The very words that were read, and the language they are kept in.
  words text not null,
  language text not null,
  read_in text not null,
  how text not null check (how in ('signed', 'thumbprint', 'spoken')),
  told text not null check (json_valid(told)),
  given text not null,
  expires text,
  withdrawn text,
  by blob not null check (length(by) = 16)
) strict;
-- Serves: the agreement that counts for one referral.
create index casework.referral_consent_referral on referral_consent (referral, seq);
create trigger casework.referral_consent_stays before delete on referral_consent begin select raise(abort, 'consent'); end;

-- What happened to a referral, in order.
create table casework.referral_step (
  seq integer primary key,
  referral blob not null references referral (id) on delete restrict,
  -- To whom it was at that time.
  partner blob not null check (length(partner) = 16),
  at text not null,
  by blob not null check (length(by) = 16),
  stage text not null,
  words text
) strict;
-- Serves: the history of one referral.
create index casework.referral_step_referral on referral_step (referral, seq);
-- Serves: what came of the referrals to one partner.
create index casework.referral_step_partner on referral_step (partner, stage, referral);

-- Somebody whom a partner sent here.
create table casework.referral_in (
  id blob primary key check (length(id) = 16),
  partner blob check (length(partner) = 16),
  received text not null,
  -- The name or number under which the partner sent them.
  called text not null,
  need text not null,
  urgency text not null check (urgency in ('emergency', 'urgent', 'normal')),
  words text,
  state text not null check (state in ('received', 'accepted', 'declined', 'linked', 'reported')),
  reason text,
  case_file blob references case_file (id) on delete restrict,
  reported text,
  created text not null,
  by blob not null check (length(by) = 16),
  check ((state = 'declined') = (reason is not null)),
  check ((state in ('linked', 'reported')) = (case_file is not null)),
  check ((state = 'reported') = (reported is not null))
) strict, without rowid;
-- Serves: what waits for an answer.
create index casework.referral_in_open on referral_in (state) where state not in ('declined', 'reported');
