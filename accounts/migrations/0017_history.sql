-- What happened day by day.

-- +goose Up

-- How many refreshes of a day came to what. A day has several rows, so that refreshes that end at one moment
-- seldom wait for the same one.
CREATE TABLE refresh_days (
    workspace TEXT    NOT NULL,
    day       {{int}}  NOT NULL,  -- when it began, in UTC
    shard     INTEGER NOT NULL,
    succeeded {{int}}  NOT NULL,
    failed    {{int}}  NOT NULL,
    PRIMARY KEY (workspace, day, shard)
){{strict}}{{hot}};

CREATE INDEX events_by_day ON events (workspace, effective_at, type, previous_status, status)
    WHERE type IN ('ACCOUNT_HEALTH_CHANGED', 'ACCOUNT_RECONNECTED', 'INCIDENT_OPENED');

-- +goose Down
DROP INDEX events_by_day;
DROP TABLE refresh_days;
