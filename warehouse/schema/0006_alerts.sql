-- Deliveries that hold several alerts, what a subscriber has chosen, what is held back, and mails to the operator.
ALTER TABLE subscriptions ADD COLUMN frequency VARCHAR DEFAULT 'immediate';
ALTER TABLE subscriptions ADD COLUMN paused_until TIMESTAMPTZ;
ALTER TABLE subscriptions ADD COLUMN digest_time VARCHAR DEFAULT '07:00';
ALTER TABLE subscriptions ADD COLUMN digest_weekday INTEGER DEFAULT 0;
ALTER TABLE subscriptions ADD COLUMN quiet_from VARCHAR;
ALTER TABLE subscriptions ADD COLUMN quiet_to VARCHAR;
ALTER TABLE subscriptions ADD COLUMN group_by VARCHAR DEFAULT 'story';

ALTER TABLE alerts ADD COLUMN kind VARCHAR DEFAULT 'mention';
ALTER TABLE alerts ADD COLUMN removed VARCHAR[];

ALTER TABLE deliveries ADD COLUMN kind VARCHAR DEFAULT 'alert';
ALTER TABLE deliveries ADD COLUMN frequency VARCHAR DEFAULT 'immediate';
ALTER TABLE deliveries ADD COLUMN due_at TIMESTAMPTZ;
ALTER TABLE deliveries ADD COLUMN delayed BOOLEAN DEFAULT false;

CREATE TABLE delivery_alerts (delivery_id VARCHAR NOT NULL, alert_id VARCHAR NOT NULL, position INTEGER NOT NULL, left_out VARCHAR);
INSERT INTO delivery_alerts SELECT delivery_id, alert_id, 0, NULL FROM deliveries;

CREATE TABLE ops.preferences (
    subscriber_id VARCHAR NOT NULL, subscription_id VARCHAR NOT NULL, stopped_at TIMESTAMPTZ, paused_until TIMESTAMPTZ,
    frequency VARCHAR, changed_at TIMESTAMPTZ NOT NULL, changed_by VARCHAR NOT NULL
);

CREATE TABLE ops.holds (
    source_id VARCHAR NOT NULL, held_since TIMESTAMPTZ NOT NULL, seen INTEGER NOT NULL, most INTEGER NOT NULL, reason VARCHAR NOT NULL,
    released_at TIMESTAMPTZ
);

CREATE TABLE ops.notices (
    notice_id VARCHAR NOT NULL, kind VARCHAR NOT NULL, subject VARCHAR NOT NULL, message VARCHAR NOT NULL, hint VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL, ended_at TIMESTAMPTZ
);

CREATE TABLE ops.bounces (
    bounce_id VARCHAR NOT NULL, delivery_id VARCHAR NOT NULL, channel VARCHAR NOT NULL, address VARCHAR NOT NULL, kind VARCHAR NOT NULL,
    score DOUBLE NOT NULL, words VARCHAR NOT NULL, seen_at TIMESTAMPTZ NOT NULL
);
