-- What becomes of somebody whom a partner sent here, and the rates by which sums of several
-- currencies were ever added.
alter table casework.referral_in add column answered text;
-- What the partner is told in the end, and how the person agreed to it.
alter table casework.referral_in add column report text;
alter table casework.referral_in add column report_how text
  check (report_how in ('signed', 'thumbprint', 'spoken'));
-- Serves: what came in for one case.
create index casework.referral_in_case on referral_in (case_file) where case_file is not null;

-- What somebody typed that an amount is worth in another currency. The last one for two currencies
-- counts; those before stay, since a sum was once told by them.
create table casework.rate (
  id blob primary key check (length(id) = 16),
  minor integer not null check (minor > 0),
  currency text not null check (length(currency) = 3),
  worth_minor integer not null check (worth_minor > 0),
  worth_currency text not null check (length(worth_currency) = 3),
  day text not null,
  created text not null,
  by blob not null check (length(by) = 16),
  check (currency <> worth_currency)
) strict, without rowid;
-- Serves: the last rate between two currencies.
create index casework.rate_pair on rate (currency, worth_currency, created);

-- The next three hold all that a count asks for: a row of case_file is long, and twenty thousand
-- of them are not read to be counted.
-- Serves: how many were closed, of which kind, after how long, with which outcome; the last first.
create index casework.case_file_closed
  on case_file (closed, kind, opened, outcome, worker, second_worker) where closed is not null;
-- Serves: how many were opened.
create index casework.case_file_opened on case_file (opened, kind, worker, second_worker);
-- Serves: what is open, and since when.
create index casework.case_file_running
  on case_file (kind, opened, worker, second_worker, state, waiting_until, urgency, serial)
  where state <> 'closed';
-- Serves: the sums of a time.
create index casework.case_sum_day on case_sum (day) where voided is null;
