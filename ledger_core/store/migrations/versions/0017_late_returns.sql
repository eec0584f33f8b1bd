-- Whether a return came in time: the day on which the bank wrote it, and the last day on which its code may come.
-- Neither for notifications of change; no last day for codes whose time does not run from settlement.
ALTER TABLE core.bank_answers ADD COLUMN sent_back_on date, ADD COLUMN allowed_through date;
