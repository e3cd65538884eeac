-- What the troubleshooter says of the failures of bulk jobs.

-- +goose Up
ALTER TABLE bulk_job_items ADD COLUMN diagnosis TEXT;  -- JSON

-- +goose Down
ALTER TABLE bulk_job_items DROP COLUMN diagnosis;
