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
  key_of(home) AS home, key_of(coalesce(root, home)) AS root, "at", received_at, type, history, provisional,
  CASE WHEN order_id IS NOT NULL THEN key_of(order_id) END AS order_key, total, coalesce(channel, '') AS channel,
  coalesce(device, '') AS device, coalesce(name, '') AS name, coalesce(source, '') AS source,
  CASE WHEN message_id <> '' THEN key_of(message_id) END AS message,
  CASE WHEN message_id = '' OR message_id IS NULL THEN NULL
    WHEN name IN ('Email Delivered', 'SMS Delivered', 'Push Notification Received') THEN 1
    WHEN name = 'Email Opened' THEN CASE WHEN machine THEN 4 ELSE 2 END
    WHEN name IN ('Email Link Clicked', 'SMS Link Clicked', 'Push Link Clicked', 'Push Notification Tapped')
      THEN CASE WHEN machine THEN 16 ELSE 8 END
    WHEN name IN ('Email Bounced', 'Email Rejected', 'SMS Delivery Failed') THEN 32
    WHEN name = 'Email Marked as Spam' THEN 64
    WHEN name IN ('Unsubscribed', 'Consent Withdrawn') THEN 128
  END AS mark,
  key_of(coalesce(channel, '') || ' ' || coalesce(source, '')) AS origin,
  CASE WHEN received_at - "at" > 3600000 AND NOT coalesce(history, false) THEN 1 ELSE 0 END + CASE WHEN history THEN 2 ELSE 0 END
    + CASE WHEN provisional THEN 4 ELSE 0 END + CASE WHEN name = 'Order Completed' THEN 8 ELSE 0 END
    + CASE WHEN name = 'Order Completed' AND (order_id IS NULL OR total IS NULL) THEN 16 ELSE 0 END
    + CASE WHEN coalesce(device, '') = '' THEN 32 ELSE 0 END AS told,
  CASE WHEN name = 'Order Completed' THEN 4 WHEN coalesce(type, '') <> 'track' THEN NULL WHEN name = 'Product Viewed' THEN 1
    WHEN name = 'Product Added' THEN 2 WHEN name = 'Checkout Started' THEN 3 END AS step,
  coalesce(type IN ('track', 'page', 'screen') AND channel IN ('web', 'mobile', 'store', 'marketplace', 'social')
    AND coalesce(name, '') NOT LIKE 'Order %' AND coalesce(source, '') <> 'kervan', false) AS visit
FROM events

-- rolled: report_orders
SELECT
  key_of(home) AS home, key_of(coalesce(root, home)) AS owner, coalesce(root, home) AS root, key_of(order_id) AS order_key, ordered_at, decided_at, version, state,
  coalesce(channel, '') AS channel, coalesce(currency, '') AS currency, total, coalesce(refunded, 0) AS refunded
FROM orders

-- rolled: report_messages
SELECT
  key_of(home) AS home, key_of(coalesce(root, home)) AS root, key_of(id) AS id, id AS message, day_at, changed_at,
  coalesce(enrollment, '') AS enrollment, coalesce(journey, '') AS journey, coalesce(campaign, '') AS campaign,
  coalesce(step, '') AS step, coalesce(template, '') AS template, coalesce(channel, '') AS channel,
  coalesce(purpose, '') AS purpose, state, coalesce(reason, '') AS reason, planned_at, ended_at, coalesce(parts, 1) AS parts,
  key_of(coalesce(campaign, '') || ' ' || coalesce(journey, '') || ' ' || coalesce(step, '') || ' ' || coalesce(channel, '')
    || ' ' || coalesce(template, '') || ' ' || coalesce(state, '') || ' ' || coalesce(reason, '')) AS kind_key
FROM outcomes WHERE kind = 'message' AND NOT coalesce(test, false)

-- rolled: report_enrollments
SELECT
  key_of(home) AS home, key_of(coalesce(root, home)) AS root, id, day_at, changed_at, coalesce(enrollment, '') AS enrollment,
  journey, state, coalesce(reason, '') AS reason, planned_at, ended_at, steps
FROM outcomes WHERE kind = 'enrollment'

-- rolled: report_customer_days
SELECT key_of(root) AS home, version, "at", state, coalesce(map_keys(segments), []) AS names,
  key_of(coalesce(map_keys(segments), [])) AS names_key
FROM customer_days

-- Today's customer of an identifier: the newest live row that names it.
-- table: named
SELECT key_of(home) AS home, key_of(root) AS person, root, "at", version
FROM (SELECT unnest(members) AS home, root, "at", version FROM customers WHERE state = 'live')

-- Only where several rows name it are they compared.
-- table: people
WITH several AS (SELECT home FROM named GROUP BY home HAVING count(*) > 1)
SELECT named.home AS home, person FROM named LEFT JOIN several ON several.home = named.home WHERE several.home IS NULL
UNION ALL
SELECT home, person FROM (
  SELECT named.home AS home, person, root, "at", version FROM named JOIN several ON several.home = named.home
)
QUALIFY row_number() OVER (PARTITION BY home ORDER BY "at" DESC, version DESC, root DESC) = 1

-- Whose a row is: of "moved" if another customer has its identifier now. Else a row that told of its own customer still
-- does, and only rows that told of another one ask "settled", whether the identifier is a customer's own now.
-- view: moved
SELECT home, person FROM people WHERE person <> home

-- view: settled
SELECT home FROM people WHERE person = home

-- table: chosen
SELECT key_of(root) AS person FROM customers
WHERE state = 'live' AND asked_segment() <> '' AND map_contains(segments, asked_segment())

-- table: several_orders
SELECT order_key FROM report_orders GROUP BY order_key HAVING count(*) > 1

-- view: own_orders
SELECT
  coalesce(moved.person, settled.home, report_orders.owner) AS person, report_orders.order_key AS order_key, ordered_at AS "at", state, channel,
  CASE WHEN report_orders.currency IN ('', shop_currency()) THEN total - refunded ELSE 0 END AS revenue,
  report_orders.currency NOT IN ('', shop_currency()) AS foreign_currency, version, decided_at, report_orders.home AS home,
  several_orders.order_key IS NOT NULL AS several
FROM report_orders LEFT JOIN moved ON moved.home = report_orders.home
  LEFT JOIN settled ON settled.home = CASE WHEN moved.home IS NULL AND report_orders.owner <> report_orders.home THEN report_orders.home END
LEFT JOIN several_orders ON several_orders.order_key = report_orders.order_key

-- Orders of one id and one customer are one order: the highest version counts. Only orders whose id is there several
-- times are compared.
-- table: counted_orders
SELECT person, order_key, "at", channel, revenue, foreign_currency FROM (
  SELECT person, order_key, "at", state, channel, revenue, foreign_currency FROM own_orders WHERE NOT several
  UNION ALL
  SELECT person, order_key, "at", state, channel, revenue, foreign_currency FROM (SELECT * FROM own_orders WHERE several)
  QUALIFY row_number() OVER (PARTITION BY person, order_key ORDER BY version DESC, decided_at DESC, home DESC) = 1
)
WHERE state = 'completed' AND (asked_segment() = '' OR person IN (SELECT person FROM chosen))

-- Orders with their number in the life of the customer, and the one before. An export with days instead of times has
-- orders of one instant: of one channel the cheaper one is first, so that the same question has the same answer.
-- table: numbered_orders
SELECT
  *, row_number() OVER (PARTITION BY person ORDER BY "at", channel, revenue) AS nth,
  lag("at") OVER (PARTITION BY person ORDER BY "at", channel, revenue) AS at_before
FROM counted_orders

-- view: bought
SELECT *, local_time("at") AS local FROM counted_orders

-- The identifier that stands for a person: what predictions are written back to.
-- view: roots
WITH live AS (SELECT key_of(root) AS person, root FROM customers WHERE state = 'live')
SELECT person, root FROM live
UNION ALL
SELECT owner AS person, max(report_orders.root) AS root
FROM report_orders LEFT JOIN live ON live.person = report_orders.owner WHERE live.person IS NULL GROUP BY owner

-- view: acts
SELECT * FROM (
  SELECT
    coalesce(moved.person, settled.home, report_events.root) AS person, "at", received_at, type, history, provisional, order_key, total,
    channel, device, name, source, origin, told, visit, report_events.step AS step
  FROM report_events LEFT JOIN moved ON moved.home = report_events.home
  LEFT JOIN settled ON settled.home = CASE WHEN moved.home IS NULL AND report_events.root <> report_events.home THEN report_events.home END
)
WHERE asked_segment() = '' OR person IN (SELECT person FROM chosen)

-- view: messages
SELECT * FROM (
  SELECT
    coalesce(moved.person, settled.home, report_messages.root) AS person, id, message, report_messages.home AS home, enrollment, journey,
    campaign, step, template, channel, purpose, state, reason, kind_key, planned_at, ended_at,
    CASE WHEN state <> 'sent' THEN NULL WHEN channel = 'email' THEN email_price() WHEN channel = 'push' THEN push_price()
      WHEN channel = 'sms' THEN sms_price() * parts END AS cost
  FROM report_messages LEFT JOIN moved ON moved.home = report_messages.home
  LEFT JOIN settled ON settled.home = CASE WHEN moved.home IS NULL AND report_messages.root <> report_messages.home THEN report_messages.home END
)
WHERE asked_segment() = '' OR person IN (SELECT person FROM chosen)

-- table: enrollments
SELECT * FROM (
  SELECT
    coalesce(moved.person, settled.home, report_enrollments.root) AS person, id, report_enrollments.home AS home, enrollment, journey,
    state, reason, planned_at AS began_at, ended_at, changed_at, steps
  FROM report_enrollments LEFT JOIN moved ON moved.home = report_enrollments.home
  LEFT JOIN settled ON settled.home = CASE WHEN moved.home IS NULL AND report_enrollments.root <> report_enrollments.home THEN report_enrollments.home END
)
WHERE asked_segment() = '' OR person IN (SELECT person FROM chosen)

-- What each customer was, from "at" until "until" (empty: until now). The row of a day is the last decision of that day.
-- "names_key" stands for the names of its segments.
-- table: states
SELECT * FROM (
  SELECT
    coalesce(moved.person, days.home) AS person, state, names_key, "at",
    min("at") OVER (
      PARTITION BY days.home ORDER BY version ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
    ) AS until
  FROM report_customer_days AS days LEFT JOIN moved ON moved.home = days.home
)
WHERE asked_segment() = '' OR person IN (SELECT person FROM chosen)

-- table: name_sets
SELECT names_key, any_value(names) AS names FROM report_customer_days GROUP BY names_key

-- What each customer was when the days asked for began and when they ended: of the decisions until then the last one.
-- period table: turns
SELECT
  home, max(version * 2 + live) FILTER (WHERE "at" < from_ms()) % 2 = 1 AS start_live,
  arg_max(names_key, version) FILTER (WHERE "at" < from_ms()) AS start_key,
  max(version * 2 + live) FILTER (WHERE "at" < to_ms()) % 2 = 1 AS end_live,
  arg_max(names_key, version) FILTER (WHERE "at" < to_ms()) AS end_key
FROM (SELECT *, CASE WHEN state = 'live' THEN 1 ELSE 0 END AS live FROM report_customer_days) AS days GROUP BY home

-- view: states_at_start
SELECT * FROM (
  SELECT coalesce(moved.person, turns.home) AS person, names
  FROM turns JOIN name_sets ON name_sets.names_key = turns.start_key LEFT JOIN moved ON moved.home = turns.home
  WHERE start_live
)
WHERE asked_segment() = '' OR person IN (SELECT person FROM chosen)

-- view: states_at_end
SELECT * FROM (
  SELECT coalesce(moved.person, turns.home) AS person, names
  FROM turns JOIN name_sets ON name_sets.names_key = turns.end_key LEFT JOIN moved ON moved.home = turns.home
  WHERE end_live
)
WHERE asked_segment() = '' OR person IN (SELECT person FROM chosen)

-- What became of a message after it was sent; kinds of events as docs/reports.md lists them. A mark is 1 delivered,
-- 2 opened, 4 opened by a machine, 8 clicked, 16 clicked by a machine, 32 bounced, 64 complained, 128 unsubscribed.
-- table: reactions
SELECT message AS id, "at", mark FROM report_events WHERE message IS NOT NULL AND mark IS NOT NULL

-- The last touch before an order: a person's click within five days, or a person's open within one day. Texts are read
-- of those alone that came at the same instant.
-- table: credited
WITH touches AS (
  SELECT coalesce(moved.person, settled.home, answered.root) AS person, id, "at", mark
  FROM (
    SELECT report_messages.home AS home, report_messages.root AS root, reactions.id AS id, "at", mark
    FROM reactions JOIN report_messages ON report_messages.id = reactions.id WHERE purpose = 'marketing' AND mark IN (2, 8)
  ) AS answered LEFT JOIN moved ON moved.home = answered.home
  LEFT JOIN settled ON settled.home = CASE WHEN moved.home IS NULL AND answered.root <> answered.home THEN answered.home END
), near AS (
  SELECT
    counted_orders.person AS person, order_key, counted_orders."at" AS "at", revenue, touches.id AS id,
    rank() OVER (PARTITION BY counted_orders.person, order_key ORDER BY touches."at" DESC, mark DESC) AS place
  FROM touches JOIN counted_orders ON counted_orders.person = touches.person AND touches."at" <= counted_orders."at"
    AND touches."at" >= counted_orders."at" - CASE mark WHEN 8 THEN 432000000 ELSE 86400000 END
), touched AS (
  SELECT *, count(*) OVER (PARTITION BY person, order_key) AS alike
  FROM (SELECT DISTINCT person, order_key, "at", revenue, id FROM near WHERE place = 1)
)
SELECT person, order_key, "at", revenue, id FROM touched WHERE alike = 1
UNION ALL
SELECT person, order_key, "at", revenue, id FROM (
  SELECT person, order_key, "at", revenue, touched.id AS id, message
  FROM touched JOIN report_messages ON report_messages.id = touched.id WHERE alike > 1
)
QUALIFY row_number() OVER (PARTITION BY person, order_key ORDER BY message) = 1

-- What happened to a message, whenever it did.
-- table: marks
SELECT reacted.id AS id, reacted.mark AS mark, orders, revenue
FROM (SELECT id, bit_or(mark) AS mark FROM reactions GROUP BY id) AS reacted
LEFT JOIN (SELECT id, count(*) AS orders, sum(revenue) AS revenue FROM credited GROUP BY id) AS credit
  ON credit.id = reacted.id

-- view: message_facts
SELECT
  marked.*, mark & 1 <> 0 AS delivered, mark & 2 <> 0 AS opened, mark & 6 = 4 AS opened_machine, mark & 8 <> 0 AS clicked,
  mark & 32 <> 0 AS bounced, mark & 64 <> 0 AS complained, mark & 128 <> 0 AS unsubscribed
FROM (
  SELECT messages.*, coalesce(mark, 0) AS mark, coalesce(orders, 0) AS orders, coalesce(revenue, 0) AS revenue
  FROM messages LEFT JOIN marks ON marks.id = messages.id
) AS marked

-- What enrollments of the days asked for decided at a step, with what the customer ordered within 14 days after it.
-- period table: choices
WITH made AS (
  SELECT person, journey, id, s.step AS step, s."which" AS arm, s."by" AS chance, s."at" AS "at"
  FROM (
    SELECT person, journey, id, unnest(steps) AS s FROM enrollments WHERE began_at >= from_ms() AND began_at < to_ms()
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
  SELECT person, order_key, channel, device FROM acts WHERE step = 4 AND order_key IS NOT NULL
  QUALIFY row_number() OVER (PARTITION BY person, order_key, channel ORDER BY device DESC) = 1
), placed AS (
  SELECT
    counted_orders.person AS person, counted_orders.order_key AS order_key, "at", at_before, revenue,
    coalesce(device, '') AS finish_device, trim(counted_orders.channel || ' ' || coalesce(device, '')) AS finish
  FROM numbered_orders AS counted_orders LEFT JOIN told ON told.person = counted_orders.person AND told.order_key = counted_orders.order_key
    AND told.channel = counted_orders.channel
  WHERE "at" >= from_ms() AND "at" < to_ms()
), weeks AS (
  -- A visit in the seven days before an order lies in the order's week or in the one before: joined by weeks, most
  -- visits meet no order at all.
  SELECT person, order_key, "at", at_before, "at" // 604800000 - ago AS week FROM placed, (VALUES (0), (1)) AS either(ago)
), started AS (
  SELECT weeks.person AS person, weeks.order_key AS order_key, trim(visits.channel || ' ' || visits.device) AS place, visits.device AS start_device
  FROM weeks JOIN acts AS visits ON visits.person = weeks.person AND visits."at" // 604800000 = weeks.week
    AND visits."at" <= weeks."at" AND visits."at" >= weeks."at" - 604800000 AND visits."at" > coalesce(weeks.at_before, -1)
  WHERE visit
  QUALIFY row_number() OVER (
    PARTITION BY weeks.person, weeks.order_key ORDER BY visits."at", visits.channel, visits.device
  ) = 1
)
SELECT placed.person AS person, placed.order_key AS order_key, revenue, finish, finish_device, place, start_device
FROM placed LEFT JOIN started ON started.person = placed.person AND started.order_key = placed.order_key
