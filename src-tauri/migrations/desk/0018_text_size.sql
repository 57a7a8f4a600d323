-- How large somebody reads, at every window.
alter table user add column text_size text not null default 'normal'
  check (text_size in ('normal', 'large', 'largest'));
