-- What readers say of their alerts.
CREATE TABLE alert_marks (
    alert_id VARCHAR NOT NULL, verdict VARCHAR NOT NULL, because VARCHAR, marked_at TIMESTAMPTZ NOT NULL
);
