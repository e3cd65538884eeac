-- Warnings at the marks before an end that only a person can prevent.

-- +goose Up
ALTER TABLE accounts ADD COLUMN warned_of {{int}};                   -- the end that warned_mark is about
ALTER TABLE accounts ADD COLUMN warned_mark INTEGER NOT NULL DEFAULT 0; -- the last mark dealt with, in days before it; 0 for none
ALTER TABLE events   ADD COLUMN days      INTEGER NOT NULL DEFAULT 0; -- the mark of a warning

-- All that end are looked at once, so that their marks are scheduled.
INSERT INTO due (id, due_at)
    SELECT id, 0 FROM accounts WHERE disconnected_at IS NULL AND verdict = '' AND expires_at IS NOT NULL
    ON CONFLICT (id) DO UPDATE SET due_at = 0;

-- +goose Down
ALTER TABLE events   DROP COLUMN days;
ALTER TABLE accounts DROP COLUMN warned_mark;
ALTER TABLE accounts DROP COLUMN warned_of;
