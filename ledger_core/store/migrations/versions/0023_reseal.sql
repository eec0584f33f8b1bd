-- A new key seals account numbers anew: how a number is sealed may change, never which row it is of.
GRANT UPDATE (key_id, sealed) ON core.account_numbers TO cashline_batch;
