-- Texts that few may read: under a key of their own, boxed for each reader. See vault/sealed.rs.
create table casework.sealed_text (
  -- The id of the record that it belongs to.
  id blob primary key check (length(id) = 16),
  kind text not null check (kind in ('counselling-note', 'shelter-place', 'kept-form')),
  version integer not null check (version >= 1),
  nonce blob not null check (length(nonce) = 24),
  words blob not null
) strict, without rowid;
create table casework.sealed_key (
  sealed blob not null references sealed_text (id) on delete restrict,
  -- The open half that the key is boxed for: that of the two who are named, or a reader's own.
  public blob not null check (length(public) = 32),
  reader blob check (length(reader) = 16),
  ephemeral blob not null check (length(ephemeral) = 32),
  nonce blob not null check (length(nonce) = 24),
  boxed blob not null check (length(boxed) = 48),
  primary key (sealed, public)
) strict, without rowid;

-- Talks with a counsellor. What was said lies sealed under the id of each note.
create table casework.counselling_session (
  id blob primary key check (length(id) = 16),
  case_file blob not null references case_file (id) on delete restrict,
  person blob not null check (length(person) = 16),
  day text not null,
  minutes integer not null check (minutes between 1 and 600),
  kind text not null check (kind in ('alone', 'couple', 'family', 'group', 'phone')),
  created text not null,
  by blob not null check (length(by) = 16)
) strict, without rowid;
-- Serves: the talks of one case, the last first.
create index casework.counselling_session_case on counselling_session (case_file, day);
-- A note is added, never changed.
create table casework.counselling_note (
  id blob primary key check (length(id) = 16),
  session blob not null references counselling_session (id) on delete restrict,
  at text not null,
  by blob not null check (length(by) = 16)
) strict, without rowid;
-- Serves: the notes of one talk.
create index casework.counselling_note_session on counselling_note (session, at);
create trigger casework.counselling_note_stands before update on counselling_note begin select raise(abort, 'note'); end;
create trigger casework.counselling_note_stays before delete on counselling_note begin select raise(abort, 'note'); end;

-- One illness, accident or birth, from the need to its end. No diagnosis.
create table casework.medical_episode (
  id blob primary key check (length(id) = 16),
  case_file blob not null references case_file (id) on delete restrict,
  person blob not null check (length(person) = 16),
  need text not null check (need in ('doctor', 'emergency', 'pregnancy', 'child', 'teeth', 'eyes',
    'medicine', 'test', 'operation', 'mind', 'other')),
  urgency text not null check (urgency in ('emergency', 'urgent', 'normal')),
  words text,
  begun text not null,
  ended text,
  result text,
  created text not null,
  by blob not null check (length(by) = 16),
  check ((ended is null) = (result is null))
) strict, without rowid;
-- Serves: the episodes of one case.
create index casework.medical_episode_case on medical_episode (case_file, begun);

create table casework.medical_visit (
  id blob primary key check (length(id) = 16),
  episode blob not null references medical_episode (id) on delete restrict,
  day text not null,
  hour text,
  place text not null,
  -- Whoever of the centre goes along, and somebody else.
  with_user blob check (length(with_user) = 16),
  with_other text,
  outcome text check (outcome in ('went', 'missed', 'turned-away')),
  told text,
  created text not null,
  by blob not null check (length(by) = 16)
) strict, without rowid;
-- Serves: the visits of one episode, and those to come.
create index casework.medical_visit_episode on medical_visit (episode, day);
create index casework.medical_visit_day on medical_visit (day) where outcome is null;

create table casework.medical_cost (
  id blob primary key check (length(id) = 16),
  episode blob not null references medical_episode (id) on delete restrict,
  day text not null,
  what text not null,
  minor integer not null check (minor > 0),
  currency text not null check (length(currency) = 3),
  payer text not null check (payer in ('unknown', 'nobody', 'centre', 'partner', 'person',
    'employer', 'insurance', 'embassy')),
  created text not null,
  by blob not null check (length(by) = 16),
  voided text,
  void_reason text,
  check ((voided is null) = (void_reason is null))
) strict, without rowid;
-- Serves: the costs of one episode.
create index casework.medical_cost_episode on medical_cost (episode, day);

create table casework.medical_follow_up (
  id blob primary key check (length(id) = 16),
  episode blob not null references medical_episode (id) on delete restrict,
  due text not null,
  what text not null,
  done text,
  result text,
  created text not null,
  by blob not null check (length(by) = 16),
  check (done is not null or result is null)
) strict, without rowid;
-- Serves: the follow-ups of one episode, and those that are due.
create index casework.medical_follow_up_episode on medical_follow_up (episode, due);
create index casework.medical_follow_up_due on medical_follow_up (due) where done is null;

-- Cash and things given. Whoever asks does not decide.
create table casework.help (
  id blob primary key check (length(id) = 16),
  -- H-2026-0007: the 7th receipt printed in 2026, without gaps. What is withdrawn keeps its number.
  year integer check (year between 2000 and 2200),
  serial integer check (serial >= 1),
  case_file blob not null references case_file (id) on delete restrict,
  person blob not null check (length(person) = 16),
  kind text not null check (kind in ('cash', 'in-kind')),
  need text not null,
  -- Of something given: what it is. Of both: what it is worth.
  what text,
  minor integer check (minor > 0),
  currency text check (length(currency) = 3),
  asked text not null,
  asked_by blob not null check (length(asked_by) = 16),
  state text not null check (state in ('asked', 'approved', 'declined', 'given', 'withdrawn')),
  decided text,
  decided_by blob check (length(decided_by) = 16),
  decision text,
  given text,
  given_by blob check (length(given_by) = 16),
  signed text check (signed in ('signature', 'thumbprint')),
  follow_up text,
  follow_up_result text,
  unique (year, serial),
  check (asked_by <> decided_by),
  check ((minor is null) = (currency is null)),
  check (kind <> 'cash' or minor is not null),
  check (kind <> 'in-kind' or what is not null),
  check ((state in ('approved', 'declined', 'given')) <= (decided_by is not null)),
  check (state <> 'declined' or decision is not null),
  check ((state = 'given') = (given is not null)),
  check ((given is null) = (given_by is null) and (given is null) = (signed is null)),
  check (given is null or serial is not null),
  check ((year is null) = (serial is null))
) strict, without rowid;
-- Serves: the help in one case.
create index casework.help_case on help (case_file, asked);
-- Serves: what waits to be decided, and what was approved and not given.
create index casework.help_open on help (state) where state in ('asked', 'approved');
-- Serves: follow-ups that are due.
create index casework.help_follow_up on help (follow_up) where follow_up is not null and follow_up_result is null;
create trigger casework.help_loses_none before delete on help begin select raise(abort, 'help'); end;
create table casework.help_criterion (
  help blob not null references help (id) on delete restrict,
  criterion text not null check (criterion in ('no-income', 'no-food', 'no-home', 'health', 'child',
    'violence', 'stranded', 'released', 'other')),
  primary key (help, criterion)
) strict, without rowid;

-- Nights in a shelter. Where it is lies sealed under the stay's id.
create table casework.shelter_stay (
  id blob primary key check (length(id) = 16),
  case_file blob not null references case_file (id) on delete restrict,
  person blob not null check (length(person) = 16),
  came text not null,
  children integer not null check (children between 0 and 20),
  rules_signed text,
  exit_plan text,
  left_on text,
  left_why text check (left_why in ('own-home', 'employer', 'new-employer', 'returned-home',
    'other-shelter', 'hospital', 'rules', 'unknown', 'other')),
  left_words text,
  created text not null,
  by blob not null check (length(by) = 16),
  check ((left_on is null) = (left_why is null)),
  check (left_on is null or left_on >= came)
) strict, without rowid;
-- Serves: the stays of one case.
create index casework.shelter_stay_case on shelter_stay (case_file, came);
-- Serves: who stays now.
create index casework.shelter_stay_now on shelter_stay (came) where left_on is null;
