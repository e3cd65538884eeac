-- What back ends do with accounts: leases, reports, pauses.

-- +goose Up

-- What happens too often for the log: one row for what one actor did to one account in one minute, and one
-- for what Mooring itself did to it in one day.
CREATE TABLE activity (
    workspace  TEXT   NOT NULL,
    account_id TEXT   NOT NULL,
    began_at   {{int}} NOT NULL,  -- the minute or the day
    kind       TEXT   NOT NULL,
    actor      TEXT   NOT NULL,  -- '' for Mooring itself
    count      {{int}} NOT NULL,
    last_at    {{int}} NOT NULL,
    reason     TEXT   NOT NULL,  -- of the last time; '' for none
    PRIMARY KEY (account_id, began_at, kind, actor)
){{strict}};
CREATE INDEX activity_by_time ON activity (began_at);

ALTER TABLE accounts ADD COLUMN paused_at     {{int}};
ALTER TABLE accounts ADD COLUMN paused_by     TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN paused_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE accounts ADD COLUMN suspected_at  {{int}};  -- when a caller's report last led to a question

-- +goose Down
ALTER TABLE accounts DROP COLUMN suspected_at;
ALTER TABLE accounts DROP COLUMN paused_reason;
ALTER TABLE accounts DROP COLUMN paused_by;
ALTER TABLE accounts DROP COLUMN paused_at;
DROP TABLE activity;
