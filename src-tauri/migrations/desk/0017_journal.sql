-- Serves: the journal of one person at work, and what they have just done.
create index journal_actor on journal (actor);
-- Serves: the journal of one kind of event, with or without who did it.
create index journal_name on journal (name, actor);
