-- Scans and files of a case. What they say lies encrypted beside the databases; the vault finds what
-- is still named by the column `content`.
create table casework.case_attachment (
  id blob primary key check (length(id) = 16),
  case_file blob not null references case_file (id) on delete restrict,
  kind text not null
    check (kind in ('contract', 'payslip', 'account', 'passport', 'residence', 'permit', 'medical',
      'police', 'court', 'letter', 'agreement', 'receipt', 'mandate', 'photo', 'other')),
  what text,
  -- The day of the paper itself, as exactly as it is known.
  dated text,
  dated_precision text check (dated_precision in ('day', 'month', 'year', 'estimated')),
  format text not null check (format in ('pdf', 'jpg', 'png')),
  length integer not null check (length > 0),
  content blob check (length(content) = 32),
  at text not null,
  by blob not null check (length(by) = 16),
  -- Taken out with its reason: the file goes, this row stays.
  removed text,
  removed_by blob check (length(removed_by) = 16),
  removed_reason text,
  check ((dated is null) = (dated_precision is null)),
  check ((removed is null) = (content is not null)),
  check ((removed is null) = (removed_by is null)),
  check ((removed is null) = (removed_reason is null))
) strict, without rowid;
-- Serves: the scans of one case.
create index casework.case_attachment_case on case_attachment (case_file);
-- Serves: whether anything still names a file.
create index casework.case_attachment_content on case_attachment (content) where content is not null;
create trigger casework.case_attachment_stays before delete on case_attachment begin select raise(abort, 'attachment'); end;

-- What a case still needs, and how that ended: it came, or it is not needed any more.
create table casework.case_need (
  id blob primary key check (length(id) = 16),
  case_file blob not null references case_file (id) on delete restrict,
  kind text not null
    check (kind in ('contract', 'payslip', 'account', 'passport', 'residence', 'permit', 'medical',
      'police', 'court', 'letter', 'agreement', 'receipt', 'mandate', 'photo', 'other')),
  what text,
  asked text not null,
  by blob not null check (length(by) = 16),
  ended text,
  how text check (how in ('here', 'not-needed')),
  check ((ended is null) = (how is null))
) strict, without rowid;
-- Serves: what one case needs.
create index casework.case_need_case on case_need (case_file);

-- Every opening again, with why, and how the case had been closed.
create table casework.case_reopening (
  seq integer primary key,
  case_file blob not null references case_file (id) on delete restrict,
  at text not null,
  by blob not null check (length(by) = 16),
  reason text not null,
  closed text not null,
  outcome text not null,
  closing_note text
) strict;
-- Serves: the openings of one case.
create index casework.case_reopening_case on case_reopening (case_file);
create trigger casework.case_reopening_stays before delete on case_reopening begin select raise(abort, 'reopening'); end;

-- What a person agreed that somebody outside is told of their case. A new agreement is a new row;
-- the last one for that partner counts.
create table casework.case_share (
  id blob primary key check (length(id) = 16),
  case_file blob not null references case_file (id) on delete restrict,
  person blob not null check (length(person) = 16),
  partner blob not null check (length(partner) = 16),
  parts text not null check (json_valid(parts)),
  how text not null check (how in ('signed', 'thumbprint', 'spoken')),
  given text not null,
  expires text,
  withdrawn text,
  by blob not null check (length(by) = 16)
) strict, without rowid;
-- Serves: the agreements in one case.
create index casework.case_share_case on case_share (case_file);
create trigger casework.case_share_stays before delete on case_share begin select raise(abort, 'share'); end;

-- Letters that demand what is owed, as they were printed. The last one is where the next begins.
create table casework.case_letter (
  seq integer primary key,
  case_file blob not null references case_file (id) on delete restrict,
  addressed text not null,
  language text not null check (language in ('en', 'ar', 'fr')),
  facts text not null,
  basis text not null,
  until text not null,
  answer_to text not null,
  at text not null,
  by blob not null check (length(by) = 16)
) strict;
-- Serves: the last letter of one case.
create index casework.case_letter_case on case_letter (case_file, seq);
create trigger casework.case_letter_stands before update on case_letter begin select raise(abort, 'letter'); end;
create trigger casework.case_letter_stays before delete on case_letter begin select raise(abort, 'letter'); end;
