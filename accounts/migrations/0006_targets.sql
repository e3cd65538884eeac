-- What people granted for some of their Pages and accounts only.

-- +goose Up
ALTER TABLE grants ADD COLUMN targets TEXT;  -- JSON: the external ids that a scope covers, by scope; one that is not in it covers all

-- +goose Down
ALTER TABLE grants DROP COLUMN targets;
