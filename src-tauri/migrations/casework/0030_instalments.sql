-- An instalment comes in as many parts as it comes: each sum tells for which instalment it came.
alter table casework.case_sum add column instalment blob references case_instalment (id) on delete restrict;
update casework.case_sum set instalment =
  (select i.id from casework.case_instalment i where i.received = case_sum.id);

-- The day that was agreed first, of one that was moved.
alter table casework.case_instalment add column moved_from text;
-- One that is taken out stays to be read.
alter table casework.case_instalment add column voided text;
alter table casework.case_instalment add column void_reason text
  check ((voided is null) = (void_reason is null));
-- What is still expected of it, in minor units, as the rules tell it of all the money of the case:
-- it is told anew with each change of that money, and the lists ask for it.
alter table casework.case_instalment add column expected integer not null default 0
  check (expected between 0 and minor);
update casework.case_instalment set expected = minor
 where received is null
   and (select sum(case s.kind when 'agreed' then s.minor
                               when 'received' then -s.minor
                               when 'written-off' then -s.minor else 0 end)
          from casework.case_sum s
         where s.case_file = case_instalment.case_file and s.currency = case_instalment.currency
           and s.voided is null) > 0;

-- Serves: the instalments still to come.
drop index casework.case_instalment_due;
create index casework.case_instalment_due on case_instalment (due) where expected > 0;
alter table casework.case_instalment drop column received;
