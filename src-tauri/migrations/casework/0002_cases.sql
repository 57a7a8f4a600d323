-- Cases and what belongs to them. Persons and users lie in desk.db; here they are ids alone.

-- A form sent twice writes once, as in desk.db; the desk must not even see how often.
create table casework.written (
  write blob primary key check (length(write) = 16),
  event blob not null references journal (event)
) strict, without rowid;

create table casework.case_file (
  id blob primary key check (length(id) = 16),
  -- C-2026-0142: the 142nd of 2026, without gaps.
  year integer not null check (year between 2000 and 2200),
  serial integer not null check (serial >= 1),
  kind text not null check (kind in ('legal', 'medical', 'psychosocial', 'social')),
  opened text not null,
  channel text,
  urgency text not null check (urgency in ('emergency', 'urgent', 'normal')),
  state text not null
    check (state in ('open', 'assessed', 'active', 'waiting', 'settled', 'decided', 'closed')),
  waiting_on text,
  waiting_until text,
  -- Nobody yet: unassigned.
  worker blob check (length(worker) = 16),
  second_worker blob check (length(second_worker) = 16),
  words text not null,
  goal text,
  safety text,
  outcome text,
  satisfaction text check (satisfaction in ('good', 'fair', 'poor', 'not-asked')),
  closing_note text,
  closed text,
  -- Counts the changes of what is written in this row, so that two workers do not undo each other.
  version integer not null default 1,
  created text not null,
  created_by blob not null check (length(created_by) = 16),
  unique (year, serial),
  check ((state = 'waiting') = (waiting_on is not null)),
  check ((state = 'waiting') = (waiting_until is not null)),
  check ((state = 'closed') = (outcome is not null)),
  check ((state = 'closed') = (closed is not null))
) strict, without rowid;
-- Serves: my cases and those that nobody has.
create index casework.case_file_worker on case_file (worker, state);
-- Serves: where I help somebody else.
create index casework.case_file_second on case_file (second_worker) where second_worker is not null;
create trigger casework.case_file_loses_none before delete on case_file begin select raise(abort, 'case'); end;

-- What was written in a case before each change, whole.
create table casework.case_before (
  case_file blob not null references case_file (id) on delete restrict,
  at text not null,
  by blob not null check (length(by) = 16),
  before text not null check (json_valid(before)),
  primary key (case_file, at)
) strict, without rowid;

create table casework.case_person (
  case_file blob not null references case_file (id) on delete restrict,
  person blob not null check (length(person) = 16),
  role text not null
    check (role in ('client', 'dependant', 'co-worker', 'witness', 'representative')),
  place integer not null,
  primary key (case_file, person)
) strict, without rowid;
-- Serves: the cases of one person.
create index casework.case_person_person on case_person (person);

create table casework.case_issue (
  case_file blob not null references case_file (id) on delete restrict,
  issue text not null,
  since text,
  since_precision text check (since_precision in ('day', 'month', 'year', 'estimated')),
  main integer not null check (main in (0, 1)),
  primary key (case_file, issue),
  check ((since is null) = (since_precision is null))
) strict, without rowid;
-- Serves: the cases with one issue.
create index casework.case_issue_issue on case_issue (issue);

-- An employer, an agency, or another party that cases are about.
create table casework.party (
  id blob primary key check (length(id) = 16),
  kind text not null
    check (kind in ('employer', 'agency', 'recruiter', 'landlord', 'authority', 'other')),
  sector text,
  place text,
  contact text,
  created text not null,
  created_by blob not null check (length(created_by) = 16)
) strict, without rowid;
create table casework.party_name (
  party blob not null references party (id) on delete restrict,
  place integer not null,
  written text not null,
  primary key (party, place)
) strict, without rowid;
-- The words of parties' names, found as those of people are.
create table casework.party_word (
  id integer primary key,
  word text not null unique,
  sound text not null
) strict;
create table casework.party_key (
  key text not null,
  word integer not null references party_word (id) on delete restrict,
  primary key (key, word)
) strict, without rowid;
create table casework.party_having (
  word integer not null references party_word (id) on delete restrict,
  party blob not null references party (id) on delete restrict,
  of integer not null,
  primary key (word, party)
) strict, without rowid;
-- What is known of a party: a fact with its source, never an accusation.
create table casework.party_fact (
  id integer primary key,
  party blob not null references party (id) on delete restrict,
  at text not null,
  by blob not null check (length(by) = 16),
  fact text not null,
  source text not null
) strict;
-- Serves: the facts of one party.
create index casework.party_fact_party on party_fact (party);
create trigger casework.party_fact_stands before update on party_fact begin select raise(abort, 'fact'); end;
create trigger casework.party_fact_stays before delete on party_fact begin select raise(abort, 'fact'); end;

create table casework.case_party (
  case_file blob not null references case_file (id) on delete restrict,
  party blob not null references party (id) on delete restrict,
  primary key (case_file, party)
) strict, without rowid;
-- Serves: the cases of one party.
create index casework.case_party_party on case_party (party);

-- Facts and notes: added, never changed. A correction is one more, which names what it corrects.
create table casework.case_note (
  seq integer primary key,
  id blob not null unique check (length(id) = 16),
  case_file blob not null references case_file (id) on delete restrict,
  at text not null,
  by blob not null check (length(by) = 16),
  kind text not null check (kind in ('fact', 'note', 'contact', 'correction')),
  corrects blob references case_note (id) on delete restrict,
  words text not null,
  check ((kind = 'correction') = (corrects is not null))
) strict;
-- Serves: the notes of one case.
create index casework.case_note_case on case_note (case_file, seq);
create trigger casework.case_note_stands before update on case_note begin select raise(abort, 'note'); end;
create trigger casework.case_note_stays before delete on case_note begin select raise(abort, 'note'); end;
-- Finds notes by words, folded; the notes themselves lie in case_note.
create virtual table casework.note_words using fts5(words, content='', prefix='2 3');

create table casework.case_action (
  id blob primary key check (length(id) = 16),
  case_file blob not null references case_file (id) on delete restrict,
  kind text not null
    check (kind in ('call', 'letter', 'meeting', 'accompany', 'document', 'visit', 'other')),
  what text not null,
  due text not null,
  by blob not null check (length(by) = 16),
  done text,
  result text,
  created text not null
) strict, without rowid;
-- Serves: the actions of one case.
create index casework.case_action_case on case_action (case_file);
-- Serves: what somebody has to do, the earliest first.
create index casework.case_action_due on case_action (by, due) where done is null;

create table casework.case_deadline (
  id blob primary key check (length(id) = 16),
  case_file blob not null references case_file (id) on delete restrict,
  kind text not null check (kind in ('limitation', 'appeal', 'court', 'permit', 'answer', 'other')),
  day text not null,
  -- The law or the paper that it comes from, as the worker typed it.
  source text not null,
  answer text check (answer in ('met', 'missed', 'fell-away')),
  answered text,
  created text not null,
  by blob not null check (length(by) = 16),
  check ((answer is null) = (answered is null))
) strict, without rowid;
-- Serves: the deadlines of one case, and those still open, the earliest first.
create index casework.case_deadline_case on case_deadline (case_file);
create index casework.case_deadline_open on case_deadline (day) where answer is null;

create table casework.case_hearing (
  id blob primary key check (length(id) = 16),
  case_file blob not null references case_file (id) on delete restrict,
  day text not null,
  hour text,
  place text not null,
  result text,
  held text,
  created text not null,
  by blob not null check (length(by) = 16)
) strict, without rowid;
-- Serves: the hearings of one case, and those to come.
create index casework.case_hearing_case on case_hearing (case_file);
create index casework.case_hearing_day on case_hearing (day) where held is null;

-- Money of a case, each sum with its day and currency, in minor units. A wrong one is voided.
create table casework.case_sum (
  id blob primary key check (length(id) = 16),
  case_file blob not null references case_file (id) on delete restrict,
  kind text not null check (kind in ('claimed', 'offered', 'agreed', 'received', 'written-off')),
  minor integer not null check (minor > 0),
  currency text not null check (length(currency) = 3),
  day text not null,
  note text,
  created text not null,
  by blob not null check (length(by) = 16),
  voided text,
  void_reason text,
  check ((voided is null) = (void_reason is null))
) strict, without rowid;
-- Serves: the money of one case.
create index casework.case_sum_case on case_sum (case_file);

-- What was agreed to come on a day; `received` is the sum that came for it.
create table casework.case_instalment (
  id blob primary key check (length(id) = 16),
  case_file blob not null references case_file (id) on delete restrict,
  due text not null,
  minor integer not null check (minor > 0),
  currency text not null check (length(currency) = 3),
  received blob references case_sum (id) on delete restrict,
  created text not null,
  by blob not null check (length(by) = 16)
) strict, without rowid;
-- Serves: the instalments of one case, and those still to come.
create index casework.case_instalment_case on case_instalment (case_file);
create index casework.case_instalment_due on case_instalment (due) where received is null;

-- Somebody's paper in the centre's keeping: two take it in, an envelope has its number.
create table casework.case_original (
  id blob primary key check (length(id) = 16),
  case_file blob not null references case_file (id) on delete restrict,
  person blob not null check (length(person) = 16),
  what text not null,
  envelope integer not null unique,
  place text not null,
  taken_in text not null,
  by blob not null check (length(by) = 16),
  witness blob not null check (length(witness) = 16),
  returned text,
  returned_to text,
  returned_by blob check (length(returned_by) = 16),
  check (by <> witness),
  check ((returned is null) = (returned_to is null)),
  check ((returned is null) = (returned_by is null))
) strict, without rowid;
-- Serves: the papers of one case.
create index casework.case_original_case on case_original (case_file);

-- Who asked to read somebody else's case, and why.
create table casework.case_reading (
  id blob primary key check (length(id) = 16),
  case_file blob not null references case_file (id) on delete restrict,
  by blob not null check (length(by) = 16),
  at text not null,
  day text not null,
  reason text not null
) strict, without rowid;
-- Serves: who read one case, and whether somebody gave a reason today.
create index casework.case_reading_case on case_reading (case_file, by, day);

-- A case passes on when the one who offers and the one who takes both say so.
create table casework.case_transfer (
  id blob primary key check (length(id) = 16),
  case_file blob not null references case_file (id) on delete restrict,
  offered_by blob not null check (length(offered_by) = 16),
  offered_to blob not null check (length(offered_to) = 16),
  at text not null,
  note text,
  answer text check (answer in ('taken', 'declined', 'withdrawn')),
  answered text,
  check (offered_by <> offered_to),
  check ((answer is null) = (answered is null))
) strict, without rowid;
-- One offer at a time.
create unique index casework.case_transfer_open on case_transfer (case_file) where answer is null;

-- Which appointment of the desk belongs to which case: the desk's row does not tell.
create table casework.case_appointment (
  appointment blob primary key check (length(appointment) = 16),
  case_file blob not null references case_file (id) on delete restrict
) strict, without rowid;
-- Serves: the appointments of one case.
create index casework.case_appointment_case on case_appointment (case_file);
