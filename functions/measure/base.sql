-- What all reports read: the four views of the lake with today's customer, as docs/reports.md describes.
-- The table "asked" has one row: from_ms, to_ms, zone, currency, segment ('' for everybody), now_ms, and what the shop
-- pays for a message: email_price, sms_price (of a part), push_price; empty if it did not say.

-- Today's customer of an identifier: the newest live row that names it.
CREATE OR REPLACE TEMP VIEW people AS
SELECT home, root FROM (SELECT unnest(members) AS home, root, "at", version FROM customers WHERE state = 'live')
QUALIFY row_number() OVER (PARTITION BY home ORDER BY "at" DESC, version DESC, root DESC) = 1;

CREATE OR REPLACE TEMP VIEW chosen AS
SELECT root AS person FROM customers, asked WHERE state = 'live' AND map_contains(segments, segment);

-- Orders of one id and one customer are one order: the highest version counts.
CREATE OR REPLACE TEMP VIEW all_orders AS
SELECT * FROM (
  SELECT
    coalesce(people.root, orders.root, orders.home) AS person,
    order_id, ordered_at AS "at", state, coalesce(channel, '') AS channel,
    CASE WHEN coalesce(orders.currency, '') IN ('', asked.currency) THEN total - coalesce(refunded, 0) ELSE 0 END AS revenue,
    coalesce(orders.currency, '') NOT IN ('', asked.currency) AS foreign_currency,
    epoch_ms(ordered_at) AT TIME ZONE 'UTC' AT TIME ZONE zone AS local,
    orders.version AS version, decided_at, orders.home AS home
  FROM orders LEFT JOIN people ON people.home = orders.home, asked
)
QUALIFY row_number() OVER (PARTITION BY person, order_id ORDER BY version DESC, decided_at DESC, home DESC) = 1;

-- Orders that count, each with its number in the life of the customer.
CREATE OR REPLACE TEMP VIEW bought AS
SELECT
  person, order_id, "at", channel, revenue, foreign_currency, local,
  row_number() OVER (PARTITION BY person ORDER BY "at", order_id) AS nth,
  lag("at") OVER (PARTITION BY person ORDER BY "at", order_id) AS at_before
FROM all_orders, asked
WHERE state = 'completed' AND (segment = '' OR person IN (SELECT person FROM chosen));

CREATE OR REPLACE TEMP VIEW acts AS
SELECT told.* FROM (
  SELECT
    coalesce(people.root, events.root, events.home) AS person,
    events.* EXCLUDE (root, channel, device, name, source),
    coalesce(channel, '') AS channel, coalesce(device, '') AS device,
    coalesce(name, '') AS name, coalesce(source, '') AS source
  FROM events LEFT JOIN people ON people.home = events.home
) AS told, asked
WHERE segment = '' OR person IN (SELECT person FROM chosen);

CREATE OR REPLACE TEMP VIEW messages AS
SELECT told.* FROM (
  SELECT
    coalesce(people.root, outcomes.root, outcomes.home) AS person,
    id, outcomes.home AS home, coalesce(enrollment, '') AS enrollment,
    coalesce(journey, '') AS journey, coalesce(campaign, '') AS campaign, coalesce(step, '') AS step,
    coalesce(template, '') AS template,
    coalesce(channel, '') AS channel, coalesce(purpose, '') AS purpose, state, coalesce(reason, '') AS reason,
    planned_at, ended_at,
    CASE WHEN state <> 'sent' THEN NULL WHEN channel = 'email' THEN email_price WHEN channel = 'push' THEN push_price
      WHEN channel = 'sms' THEN sms_price * coalesce(parts, 1) END AS cost,
    epoch_ms(planned_at) AT TIME ZONE 'UTC' AT TIME ZONE zone AS local_planned,
    epoch_ms(ended_at) AT TIME ZONE 'UTC' AT TIME ZONE zone AS local_sent
  FROM outcomes LEFT JOIN people ON people.home = outcomes.home, asked
  WHERE kind = 'message' AND NOT coalesce(test, false)
) AS told, asked
WHERE segment = '' OR person IN (SELECT person FROM chosen);

CREATE OR REPLACE TEMP VIEW enrollments AS
SELECT told.* FROM (
  SELECT
    coalesce(people.root, outcomes.root, outcomes.home) AS person,
    id, outcomes.home AS home, coalesce(enrollment, '') AS enrollment,
    journey, state, coalesce(reason, '') AS reason, planned_at AS began_at, ended_at, changed_at, steps
  FROM outcomes LEFT JOIN people ON people.home = outcomes.home
  WHERE kind = 'enrollment'
) AS told, asked
WHERE segment = '' OR person IN (SELECT person FROM chosen);

-- What each customer was, from "at" until "until" (empty: until now). The row of a day is the last decision of that day.
CREATE OR REPLACE TEMP VIEW states AS
SELECT told.* FROM (
  SELECT
    coalesce(people.root, days.root) AS person, days.root AS root, state, segments, "at",
    min("at") OVER (
      PARTITION BY days.root ORDER BY version ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
    ) AS until
  FROM customer_days AS days LEFT JOIN people ON people.home = days.root
) AS told, asked
WHERE segment = '' OR person IN (SELECT person FROM chosen);

-- What became of a message after it was sent; kinds of events as docs/reports.md lists them.
CREATE OR REPLACE TEMP VIEW reactions AS
SELECT
  message_id AS id, "at", coalesce(machine, false) AS machine,
  CASE
    WHEN name IN ('Email Delivered', 'SMS Delivered', 'Push Notification Received') THEN 'delivered'
    WHEN name = 'Email Opened' THEN 'opened'
    WHEN name IN ('Email Link Clicked', 'SMS Link Clicked', 'Push Link Clicked', 'Push Notification Tapped') THEN 'clicked'
    WHEN name IN ('Email Bounced', 'Email Rejected', 'SMS Delivery Failed') THEN 'bounced'
    WHEN name = 'Email Marked as Spam' THEN 'complained'
    WHEN name IN ('Unsubscribed', 'Consent Withdrawn') THEN 'unsubscribed'
  END AS what
FROM events WHERE coalesce(message_id, '') <> '';

-- The last touch before an order: a person's click within five days, or a person's open within one day.
CREATE OR REPLACE TEMP VIEW credited AS
SELECT bought.person, bought.order_id, bought."at", bought.revenue, messages.id
FROM bought
JOIN messages ON messages.person = bought.person AND purpose = 'marketing'
JOIN reactions ON reactions.id = messages.id AND NOT machine AND reactions."at" <= bought."at"
  AND reactions."at" >= bought."at" - CASE what WHEN 'clicked' THEN 432000000 WHEN 'opened' THEN 86400000 END
QUALIFY row_number() OVER (
  PARTITION BY bought.person, bought.order_id ORDER BY reactions."at" DESC, what = 'clicked' DESC, messages.id
) = 1;

-- One row per message with everything that happened to it, whenever it did.
CREATE OR REPLACE TEMP VIEW message_facts AS
SELECT
  messages.*, coalesce(delivered, false) AS delivered, coalesce(opened, false) AS opened,
  coalesce(opened_machine, false) AND NOT coalesce(opened, false) AS opened_machine,
  coalesce(clicked, false) AS clicked, coalesce(bounced, false) AS bounced,
  coalesce(complained, false) AS complained, coalesce(unsubscribed, false) AS unsubscribed,
  coalesce(orders, 0) AS orders, coalesce(revenue, 0) AS revenue
FROM messages
LEFT JOIN (
  SELECT
    id, bool_or(what = 'delivered') AS delivered, bool_or(what = 'opened' AND NOT machine) AS opened,
    bool_or(what = 'opened' AND machine) AS opened_machine, bool_or(what = 'clicked' AND NOT machine) AS clicked,
    bool_or(what = 'bounced') AS bounced, bool_or(what = 'complained') AS complained,
    bool_or(what = 'unsubscribed') AS unsubscribed
  FROM reactions WHERE what IS NOT NULL GROUP BY id
) AS reacted USING (id)
LEFT JOIN (SELECT id, count(*) AS orders, sum(revenue) AS revenue FROM credited GROUP BY id) AS credit USING (id);

-- What enrollments of the days asked for decided at a step, with what the customer ordered within 14 days after it.
CREATE OR REPLACE TEMP VIEW choices AS
SELECT
  *,
  (SELECT count(*) FROM bought WHERE bought.person = made.person AND bought."at" >= made."at" AND bought."at" < made."at" + 1209600000) AS orders,
  (SELECT coalesce(sum(revenue), 0) FROM bought WHERE bought.person = made.person AND bought."at" >= made."at" AND bought."at" < made."at" + 1209600000) AS revenue
FROM (
  SELECT person, journey, id, s.step AS step, s."which" AS arm, s."by" AS chance, s."at" AS "at"
  FROM (SELECT *, unnest(steps) AS s FROM enrollments, asked WHERE began_at >= from_ms AND began_at < to_ms)
  WHERE s.became = 'decided' AND s."by" IN ('split', 'holdout')
) AS made;

-- Orders of the days asked for: where the customer was seen first in the seven days before, and where he ordered.
CREATE OR REPLACE TEMP VIEW purchases AS
WITH told AS (
  SELECT person, order_id, channel, device FROM acts WHERE name = 'Order Completed' AND order_id IS NOT NULL
  QUALIFY row_number() OVER (PARTITION BY person, order_id, channel ORDER BY device DESC, event) = 1
), placed AS (
  SELECT
    bought.*, coalesce(device, '') AS finish_device, trim(bought.channel || ' ' || coalesce(device, '')) AS finish
  FROM bought LEFT JOIN told USING (person, order_id, channel), asked
  WHERE bought."at" >= from_ms AND bought."at" < to_ms
), visits AS (
  SELECT person, "at", event, device, trim(channel || ' ' || device) AS place FROM acts
  WHERE type IN ('track', 'page', 'screen') AND channel IN ('web', 'mobile', 'store', 'marketplace', 'social')
    AND name NOT LIKE 'Order %' AND source <> 'kervan'
), started AS (
  SELECT person, order_id, place, visits.device AS start_device FROM placed JOIN visits USING (person)
  WHERE visits."at" <= placed."at" AND visits."at" >= placed."at" - 604800000
    AND visits."at" > coalesce(placed.at_before, -1)
  QUALIFY row_number() OVER (PARTITION BY person, order_id ORDER BY visits."at", event) = 1
)
SELECT person, order_id, revenue, finish, finish_device, place, start_device
FROM placed LEFT JOIN started USING (person, order_id);
