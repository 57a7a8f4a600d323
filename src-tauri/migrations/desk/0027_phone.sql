-- Under which number the centre is reached; it stands on letters.
alter table centre add column phone text;
