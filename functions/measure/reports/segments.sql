/*
title: {tr: Segmentler, en: Segments}
description:
  tr: Her segmentte bugün kaç müşteri var, kaçı bu günlerde girdi, ne aldı; hangi segmentler örtüşüyor.
  en: How many customers are in each segment now, how many came in these days, what they bought, and which segments overlap.
parameters: [from, to, segment]
tables:
  - name: sizes
    title: {tr: Büyüklükler, en: Sizes}
    key: [segment]
    chart: {kind: bars, x: segment, y: [members, entered]}
    columns:
      segment: {kind: text, tr: Segment, en: Segment, means: name of the segment}
      members: {kind: count, tr: Üye, en: Members, means: customers who are in it now}
      share: {kind: share, tr: Pay, en: Share, means: of all live customers}
      entered: {kind: count, tr: Giren, en: Entered, means: members since an instant in these days}
      email: {kind: count, tr: E-postayla ulaşılır, en: Reachable by e-mail, means: members who may get marketing by e-mail}
      sms: {kind: count, tr: SMS ile ulaşılır, en: Reachable by SMS, means: the same by SMS}
      push: {kind: count, tr: Bildirimle ulaşılır, en: Reachable by push, means: the same by push}
      orders: {kind: count, tr: Sipariş, en: Orders, means: orders of members in these days}
      revenue: {kind: money, tr: Ciro, en: Revenue, means: revenue of these orders}
  - name: overlaps
    title: {tr: Örtüşme, en: Overlap}
    key: [one, other]
    chart: {kind: matrix, x: other, by: one, y: [share]}
    columns:
      one: {kind: text, tr: Segment, en: Segment, means: name of a segment}
      other: {kind: text, tr: Öbür segment, en: Other segment, means: name of another}
      members: {kind: count, tr: İkisinde, en: In both, means: customers who are in both now}
      share: {kind: share, tr: Pay, en: Share, means: of the members of the first}
  - name: history
    title: {tr: Büyüklüklerin gidişi, en: Sizes over time}
    key: [segment, day]
    chart: {kind: lines, x: day, by: segment, y: [members]}
    columns:
      segment: {kind: text, tr: Segment, en: Segment, means: name of the segment}
      day: {kind: date, tr: Gün, en: Day, means: "local day; of more than 31 days each 7th is shown, of more than 217 each 30th, counted back from the last"}
      members: {kind: count, tr: Üye, en: Members, means: customers who were in it at the end of the day}
  - name: flows
    title: {tr: Geçişler, en: Flows}
    key: [origin, target]
    chart: {kind: matrix, x: target, by: origin, y: [customers]}
    columns:
      origin: {kind: text, tr: Nereden, en: From, means: "segment of the beginning that was left by the end; nowhere: they left none"}
      target: {kind: text, tr: Nereye, en: To, means: "segment of the end that they were not in at the beginning; nowhere: they joined none"}
      customers: {kind: count, tr: Müşteri, en: Customers, means: customers with this change between the beginning and the end of the days}
*/
-- table: sizes
WITH live AS (
  SELECT key_of(root) AS person, segments, coalesce(reachable, []) AS reachable FROM customers
  WHERE state = 'live' AND (asked_segment() = '' OR map_contains(segments, asked_segment()))
), memberships AS (
  SELECT person, reachable, name, segments[name] AS since
  FROM (SELECT person, reachable, segments, unnest(map_keys(segments)) AS name FROM live)
), spent AS (
  SELECT person, count(*) AS orders, sum(revenue) AS revenue
  FROM bought WHERE "at" >= from_ms() AND "at" < to_ms() GROUP BY person
)
SELECT
  name AS segment, count(*) AS members, count(*) / any_value(whole) AS share,
  count(*) FILTER (WHERE since >= from_ms() AND since < to_ms()) AS entered,
  count(*) FILTER (WHERE list_contains(reachable, 'email')) AS email,
  count(*) FILTER (WHERE list_contains(reachable, 'sms')) AS sms,
  count(*) FILTER (WHERE list_contains(reachable, 'push')) AS push,
  coalesce(sum(orders), 0) AS orders, coalesce(sum(revenue), 0) AS revenue
FROM memberships LEFT JOIN spent USING (person), (SELECT count(*) AS whole FROM live)
GROUP BY name ORDER BY members DESC, name;

-- table: overlaps
WITH memberships AS (
  SELECT key_of(root) AS person, unnest(map_keys(segments)) AS name FROM customers
  WHERE state = 'live' AND (asked_segment() = '' OR map_contains(segments, asked_segment()))
), sizes AS (SELECT name, count(*) AS whole FROM memberships GROUP BY name)
SELECT one.name AS one, other.name AS other, count(*) AS members, count(*) / any_value(whole) AS share
FROM memberships one JOIN memberships other ON other.person = one.person AND other.name <> one.name
JOIN sizes ON sizes.name = one.name GROUP BY 1, 2 ORDER BY 1, 2;

-- table: history
WITH shown AS (
  SELECT last - n * step AS day FROM (
    SELECT
      day_of(local_time(to_ms() - 1)) AS last,
      CASE WHEN to_ms() - from_ms() <= 31.5 * 86400000 THEN 1 WHEN to_ms() - from_ms() <= 217.5 * 86400000 THEN 7 ELSE 30 END AS step,
      unnest(generate_series(0, 40)) AS n, day_of(local_time(from_ms())) AS first
    FROM asked
  ) WHERE last - n * step >= first
), changes AS (
  -- A day begins at a quarter of an hour in every time zone, so local days are computed of quarters.
  SELECT names_key, quarter, sum(change) AS change FROM (
    SELECT names_key, "at" // 900000 AS quarter, 1 AS change FROM states
    WHERE state = 'live' AND (until IS NULL OR until > "at")
    UNION ALL
    SELECT names_key, until // 900000, -1 FROM states WHERE state = 'live' AND until > "at"
  ) GROUP BY names_key, quarter
), days AS (
  SELECT quarter, day_of(local_time(quarter * 900000)) AS day FROM (SELECT DISTINCT quarter FROM changes)
), named_sets AS (
  SELECT names_key, unnest(names) AS name FROM name_sets
), summed AS (
  SELECT names_key, day, sum(change) AS change FROM changes JOIN days ON days.quarter = changes.quarter GROUP BY names_key, day
), daily AS (
  SELECT name, day, sum(change) AS change FROM summed JOIN named_sets ON named_sets.names_key = summed.names_key GROUP BY name, day
)
SELECT name AS segment, date_of(shown.day) AS day, sum(change) AS members
FROM shown JOIN daily ON daily.day <= shown.day GROUP BY name, shown.day HAVING sum(change) > 0 ORDER BY shown.day, name;

-- table: flows
WITH started AS (
  SELECT DISTINCT person, unnest(names) AS name FROM states_at_start
), finished AS (
  SELECT DISTINCT person, unnest(names) AS name FROM states_at_end
), gone AS (SELECT person, name FROM started EXCEPT SELECT person, name FROM finished
), come AS (SELECT person, name FROM finished EXCEPT SELECT person, name FROM started)
SELECT coalesce(gone.name, 'nowhere') AS origin, coalesce(come.name, 'nowhere') AS target, count(*) AS customers
FROM gone FULL JOIN come USING (person) GROUP BY 1, 2 ORDER BY customers DESC, 1, 2;
