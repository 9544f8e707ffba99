-- What an entry bore before its guid or address changed: told in the ledger of merges once the next poll has confirmed the new ones.
ALTER TABLE entries ADD COLUMN former_guid VARCHAR;
ALTER TABLE entries ADD COLUMN former_url VARCHAR;
