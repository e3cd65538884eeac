-- Events that stand for several of their kind.

-- +goose Up
ALTER TABLE events ADD COLUMN count INTEGER NOT NULL DEFAULT 1; -- within a minute

-- +goose Down
ALTER TABLE events DROP COLUMN count;
