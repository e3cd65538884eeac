-- What an event is about besides accounts and attempts.

-- +goose Up
ALTER TABLE events ADD COLUMN about TEXT NOT NULL DEFAULT ''; -- an API key, a data key, a format; '' for none

-- +goose Down
ALTER TABLE events DROP COLUMN about;
