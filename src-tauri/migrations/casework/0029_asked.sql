-- What the partner was to be asked for when somebody agreed: another need, or another request, is
-- asked for anew. Those from before have no need.
alter table casework.referral_consent add column need text;
alter table casework.referral_consent add column ask text;
