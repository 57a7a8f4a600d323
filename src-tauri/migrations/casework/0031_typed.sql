-- What was typed for the letter when somebody agreed, as a hash: other words are asked for anew. Those
-- from before have none.
alter table casework.referral_consent add column typed blob check (length(typed) = 32);
