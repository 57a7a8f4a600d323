-- An action may get another day, or turn out not to be needed: then it is done, and why is kept.
alter table casework.case_action add column moved_from text;
alter table casework.case_action add column needless text;
-- What the person had said when a case was closed that was opened again. Those from before have none.
alter table casework.case_reopening add column satisfaction text;
