-- Databases and workspaces that come from a backup.

-- +goose Up
ALTER TABLE installation ADD COLUMN restored_at {{int}};  -- from a backup that is not adopted yet: nothing is refreshed
ALTER TABLE accounts     ADD COLUMN restored_at {{int}};  -- its tokens may be older than what the platform takes; see checked_at

-- +goose Down
ALTER TABLE accounts     DROP COLUMN restored_at;
ALTER TABLE installation DROP COLUMN restored_at;
