-- older --
-- The next rows that another key than the first sealed, in one order; held until they are sealed anew.
SELECT bank_account_id, version, key_id, sealed
  FROM core.account_numbers
 WHERE key_id <> :key_id AND (bank_account_id, version) > (:account, :version)
 ORDER BY bank_account_id, version
 LIMIT :limit
   FOR UPDATE

-- seal_anew --
UPDATE core.account_numbers SET key_id = :key_id, sealed = :sealed
 WHERE bank_account_id = :account AND version = :version AND key_id = :was
