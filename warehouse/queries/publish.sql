-- What the analysts' copy does not tell: the mail addresses of subscribers. Words of servers and notices quote them too ($mail finds them).

-- name: withhold_subscriptions
UPDATE subscriptions SET address = 'withheld' WHERE address IS NOT NULL;

-- name: withhold_deliveries
UPDATE deliveries
SET address = if(address IS NULL, NULL, 'withheld'), receipt = regexp_replace(receipt, $mail, 'withheld', 'gi'),
    error = regexp_replace(error, $mail, 'withheld', 'gi')
WHERE address IS NOT NULL OR receipt IS NOT NULL OR error IS NOT NULL;

-- name: withhold_suppressions
UPDATE ops.suppressions SET address = 'withheld', reason = regexp_replace(reason, $mail, 'withheld', 'gi');

-- name: withhold_bounces
UPDATE ops.bounces SET address = 'withheld', words = regexp_replace(words, $mail, 'withheld', 'gi');

-- name: withhold_notices
UPDATE ops.notices
SET subject = regexp_replace(subject, $mail, 'withheld', 'gi'), message = regexp_replace(message, $mail, 'withheld', 'gi'),
    hint = regexp_replace(hint, $mail, 'withheld', 'gi');

-- name: withhold_issues
UPDATE issues SET subject = regexp_replace(subject, $mail, 'withheld', 'gi'), message = regexp_replace(message, $mail, 'withheld', 'gi')
WHERE contains(subject, '@') OR contains(message, '@');
