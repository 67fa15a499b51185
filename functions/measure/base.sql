-- What reports read: the views of the lake with today's customer, as docs/reports.md describes. Each part is a
-- table that is made once for a report, if the report reads it, or a view. "period" parts are about the days asked for,
-- so the period before has its own; the others serve both.
--
-- The table "asked" has one row: from_ms, to_ms, zone, currency, segment ('' for everybody), now_ms, and what the shop
-- pays for a message: email_price, sms_price (of a part), push_price; empty if it did not say. Macros: asked_segment()
-- is the segment; key_of(text) names a person or a message by a number, which is compared faster than text;
-- local_time(ms) is an instant as the shop's clock shows it; day_of(time) counts the days since 1970, and date_of(days)
-- is that date. All of it is translated for Athena (athena_sql.py), so what is written here must mean the same there.
--
-- A "rolled" part says row by row what reports need of one table. Of days that do not change any more it is computed at
-- night and stored (rollups.py, docs/lake.md#roll-ups); of other days when it is read. It has "home", the identifier by
-- its number, and the instants by which erased rows are found.

-- rolled: report_events
SELECT
  key_of(home) AS home, key_of(coalesce(root, home)) AS root, "at", received_at, type, history, provisional, order_id,
  total, coalesce(channel, '') AS channel, coalesce(device, '') AS device, coalesce(name, '') AS name,
  coalesce(source, '') AS source, CASE WHEN message_id <> '' THEN key_of(message_id) END AS message,
  coalesce(machine, false) AS machine
FROM events

-- rolled: report_orders
SELECT
  key_of(home) AS home, home AS identifier, coalesce(root, home) AS root, order_id, ordered_at, decided_at, version, state,
  coalesce(channel, '') AS channel, coalesce(currency, '') AS currency, total, coalesce(refunded, 0) AS refunded
FROM orders

-- rolled: report_messages
SELECT
  key_of(home) AS home, key_of(coalesce(root, home)) AS root, key_of(id) AS id, id AS message, day_at, changed_at,
  coalesce(enrollment, '') AS enrollment, coalesce(journey, '') AS journey, coalesce(campaign, '') AS campaign,
  coalesce(step, '') AS step, coalesce(template, '') AS template, coalesce(channel, '') AS channel,
  coalesce(purpose, '') AS purpose, state, coalesce(reason, '') AS reason, planned_at, ended_at, coalesce(parts, 1) AS parts
FROM outcomes WHERE kind = 'message' AND NOT coalesce(test, false)

-- rolled: report_enrollments
SELECT
  key_of(home) AS home, key_of(coalesce(root, home)) AS root, id, day_at, changed_at, coalesce(enrollment, '') AS enrollment,
  journey, state, coalesce(reason, '') AS reason, planned_at, ended_at, steps
FROM outcomes WHERE kind = 'enrollment'

-- rolled: report_customer_days
SELECT key_of(root) AS home, version, "at", state, segments FROM customer_days

-- Today's customer of an identifier: the newest live row that names it.
-- table: people
SELECT key_of(home) AS home, key_of(root) AS person, root
FROM (SELECT unnest(members) AS home, root, "at", version FROM customers WHERE state = 'live')
QUALIFY row_number() OVER (PARTITION BY home ORDER BY "at" DESC, version DESC, root DESC) = 1

-- table: chosen
SELECT key_of(root) AS person FROM customers
WHERE state = 'live' AND asked_segment() <> '' AND map_contains(segments, asked_segment())

-- Orders of one id and one customer are one order: the highest version counts. Those that count have their number in
-- the life of the customer.
-- table: counted_orders
SELECT
  person, order_id, "at", channel, revenue, foreign_currency,
  row_number() OVER (PARTITION BY person ORDER BY "at", order_id) AS nth,
  lag("at") OVER (PARTITION BY person ORDER BY "at", order_id) AS at_before
FROM (
  SELECT * FROM (
    SELECT
      coalesce(people.person, key_of(report_orders.root)) AS person, order_id, ordered_at AS "at", state, channel,
      CASE WHEN report_orders.currency IN ('', asked.currency) THEN total - refunded ELSE 0 END AS revenue,
      report_orders.currency NOT IN ('', asked.currency) AS foreign_currency, version, decided_at, report_orders.home AS home
    FROM report_orders LEFT JOIN people ON people.home = report_orders.home, asked
  )
  QUALIFY row_number() OVER (PARTITION BY person, order_id ORDER BY version DESC, decided_at DESC, home DESC) = 1
)
WHERE state = 'completed' AND (asked_segment() = '' OR person IN (SELECT person FROM chosen))

-- view: bought
SELECT *, local_time("at") AS local FROM counted_orders

-- The identifier that stands for a person: what predictions are written back to.
-- view: roots
SELECT person, max(root) AS root FROM (
  SELECT person, root FROM people UNION ALL SELECT key_of(root) AS person, root FROM report_orders
) GROUP BY person

-- view: acts
SELECT * FROM (
  SELECT
    coalesce(people.person, report_events.root) AS person, "at", received_at, type, history, provisional, order_id, total,
    channel, device, name, source
  FROM report_events LEFT JOIN people ON people.home = report_events.home
)
WHERE asked_segment() = '' OR person IN (SELECT person FROM chosen)

-- view: messages
SELECT * FROM (
  SELECT
    coalesce(people.person, report_messages.root) AS person, id, message, report_messages.home AS home, enrollment, journey,
    campaign, step, template, channel, purpose, state, reason, planned_at, ended_at,
    CASE WHEN state <> 'sent' THEN NULL WHEN channel = 'email' THEN email_price WHEN channel = 'push' THEN push_price
      WHEN channel = 'sms' THEN sms_price * parts END AS cost
  FROM report_messages LEFT JOIN people ON people.home = report_messages.home, asked
)
WHERE asked_segment() = '' OR person IN (SELECT person FROM chosen)

-- table: enrollments
SELECT * FROM (
  SELECT
    coalesce(people.person, report_enrollments.root) AS person, id, report_enrollments.home AS home, enrollment, journey,
    state, reason, planned_at AS began_at, ended_at, changed_at, steps
  FROM report_enrollments LEFT JOIN people ON people.home = report_enrollments.home
)
WHERE asked_segment() = '' OR person IN (SELECT person FROM chosen)

-- What each customer was, from "at" until "until" (empty: until now). The row of a day is the last decision of that day.
-- table: states
SELECT * FROM (
  SELECT
    coalesce(people.person, days.home) AS person, state, segments, "at",
    min("at") OVER (
      PARTITION BY days.home ORDER BY version ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
    ) AS until
  FROM report_customer_days AS days LEFT JOIN people ON people.home = days.home
)
WHERE asked_segment() = '' OR person IN (SELECT person FROM chosen)

-- What became of a message after it was sent; kinds of events as docs/reports.md lists them.
-- table: reactions
SELECT * FROM (
  SELECT
    message AS id, "at", machine,
    CASE
      WHEN name IN ('Email Delivered', 'SMS Delivered', 'Push Notification Received') THEN 'delivered'
      WHEN name = 'Email Opened' THEN 'opened'
      WHEN name IN ('Email Link Clicked', 'SMS Link Clicked', 'Push Link Clicked', 'Push Notification Tapped') THEN 'clicked'
      WHEN name IN ('Email Bounced', 'Email Rejected', 'SMS Delivery Failed') THEN 'bounced'
      WHEN name = 'Email Marked as Spam' THEN 'complained'
      WHEN name IN ('Unsubscribed', 'Consent Withdrawn') THEN 'unsubscribed'
    END AS what
  FROM report_events WHERE message IS NOT NULL
) WHERE what IS NOT NULL

-- The last touch before an order: a person's click within five days, or a person's open within one day.
-- table: credited
SELECT person, order_id, "at", revenue, id FROM (
  SELECT
    counted_orders.person AS person, order_id, counted_orders."at" AS "at", revenue, touches.id AS id,
    touches."at" AS touched_at, what, message
  FROM (
    SELECT person, messages.id AS id, message, "at", what FROM reactions JOIN messages ON messages.id = reactions.id
    WHERE purpose = 'marketing' AND NOT machine AND what IN ('clicked', 'opened')
  ) AS touches
  JOIN counted_orders ON counted_orders.person = touches.person AND touches."at" <= counted_orders."at"
    AND touches."at" >= counted_orders."at" - CASE what WHEN 'clicked' THEN 432000000 WHEN 'opened' THEN 86400000 END
)
QUALIFY row_number() OVER (
  PARTITION BY person, order_id ORDER BY touched_at DESC, what = 'clicked' DESC, message
) = 1

-- What happened to a message, whenever it did.
-- table: marks
SELECT
  reacted.id AS id, delivered, opened, opened_machine, clicked, bounced, complained, unsubscribed,
  orders, revenue
FROM (
  SELECT
    id, bool_or(what = 'delivered') AS delivered, bool_or(what = 'opened' AND NOT machine) AS opened,
    bool_or(what = 'opened' AND machine) AS opened_machine, bool_or(what = 'clicked' AND NOT machine) AS clicked,
    bool_or(what = 'bounced') AS bounced, bool_or(what = 'complained') AS complained,
    bool_or(what = 'unsubscribed') AS unsubscribed
  FROM reactions GROUP BY id
) AS reacted
LEFT JOIN (SELECT id, count(*) AS orders, sum(revenue) AS revenue FROM credited GROUP BY id) AS credit
  ON credit.id = reacted.id

-- view: message_facts
SELECT
  messages.*, coalesce(delivered, false) AS delivered, coalesce(opened, false) AS opened,
  coalesce(opened_machine, false) AND NOT coalesce(opened, false) AS opened_machine,
  coalesce(clicked, false) AS clicked, coalesce(bounced, false) AS bounced,
  coalesce(complained, false) AS complained, coalesce(unsubscribed, false) AS unsubscribed,
  coalesce(orders, 0) AS orders, coalesce(revenue, 0) AS revenue
FROM messages LEFT JOIN marks ON marks.id = messages.id

-- What enrollments of the days asked for decided at a step, with what the customer ordered within 14 days after it.
-- period table: choices
WITH made AS (
  SELECT person, journey, id, s.step AS step, s."which" AS arm, s."by" AS chance, s."at" AS "at"
  FROM (
    SELECT person, journey, id, unnest(steps) AS s FROM enrollments, asked WHERE began_at >= from_ms AND began_at < to_ms
  )
  WHERE s.became = 'decided' AND s."by" IN ('split', 'holdout')
), spent AS (
  SELECT made.person AS person, made."at" AS "at", count(*) AS orders, sum(revenue) AS revenue
  FROM (SELECT DISTINCT person, "at" FROM made) AS made JOIN counted_orders
    ON counted_orders.person = made.person AND counted_orders."at" >= made."at" AND counted_orders."at" < made."at" + 1209600000
  GROUP BY made.person, made."at"
)
SELECT made.*, coalesce(orders, 0) AS orders, coalesce(revenue, 0) AS revenue
FROM made LEFT JOIN spent ON spent.person = made.person AND spent."at" = made."at"

-- Orders of the days asked for: where the customer was seen first in the seven days before, and where he ordered.
-- period table: purchases
WITH told AS (
  SELECT person, order_id, channel, device FROM acts WHERE name = 'Order Completed' AND order_id IS NOT NULL
  QUALIFY row_number() OVER (PARTITION BY person, order_id, channel ORDER BY device DESC) = 1
), placed AS (
  SELECT
    counted_orders.person AS person, counted_orders.order_id AS order_id, "at", at_before, revenue,
    coalesce(device, '') AS finish_device, trim(counted_orders.channel || ' ' || coalesce(device, '')) AS finish
  FROM counted_orders LEFT JOIN told ON told.person = counted_orders.person AND told.order_id = counted_orders.order_id
    AND told.channel = counted_orders.channel, asked
  WHERE "at" >= from_ms AND "at" < to_ms
), weeks AS (
  -- A visit in the seven days before an order lies in the order's week or in the one before: joined by weeks, most
  -- visits meet no order at all.
  SELECT person, order_id, "at", at_before, "at" // 604800000 - ago AS week FROM placed, (VALUES (0), (1)) AS either(ago)
), started AS (
  SELECT weeks.person AS person, weeks.order_id AS order_id, trim(visits.channel || ' ' || visits.device) AS place, visits.device AS start_device
  FROM weeks JOIN acts AS visits ON visits.person = weeks.person AND visits."at" // 604800000 = weeks.week
    AND visits."at" <= weeks."at" AND visits."at" >= weeks."at" - 604800000 AND visits."at" > coalesce(weeks.at_before, -1)
  WHERE type IN ('track', 'page', 'screen') AND visits.channel IN ('web', 'mobile', 'store', 'marketplace', 'social')
    AND name NOT LIKE 'Order %' AND source <> 'kervan'
  QUALIFY row_number() OVER (
    PARTITION BY weeks.person, weeks.order_id ORDER BY visits."at", visits.channel, visits.device
  ) = 1
)
SELECT placed.person AS person, placed.order_id AS order_id, revenue, finish, finish_device, place, start_device
FROM placed LEFT JOIN started ON started.person = placed.person AND started.order_id = placed.order_id
