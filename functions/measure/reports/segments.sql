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
*/
-- table: sizes
WITH live AS (
  SELECT root AS person, segments, coalesce(reachable, []) AS reachable FROM customers, asked
  WHERE state = 'live' AND (asked.segment = '' OR map_contains(segments, asked.segment))
), memberships AS (
  SELECT person, reachable, m.key AS name, m.value AS since FROM (SELECT *, unnest(map_entries(segments)) AS m FROM live)
), spent AS (
  SELECT person, count(*) AS orders, sum(revenue) AS revenue
  FROM bought, asked WHERE "at" >= from_ms AND "at" < to_ms GROUP BY person
)
SELECT
  name AS segment, count(*) AS members, count(*) / any_value(whole) AS share,
  count(*) FILTER (WHERE since >= from_ms AND since < to_ms) AS entered,
  count(*) FILTER (WHERE list_contains(reachable, 'email')) AS email,
  count(*) FILTER (WHERE list_contains(reachable, 'sms')) AS sms,
  count(*) FILTER (WHERE list_contains(reachable, 'push')) AS push,
  coalesce(sum(orders), 0) AS orders, coalesce(sum(revenue), 0) AS revenue
FROM memberships LEFT JOIN spent USING (person), (SELECT count(*) AS whole FROM live), asked
GROUP BY name ORDER BY members DESC, name;

-- table: overlaps
WITH memberships AS (
  SELECT root AS person, unnest(map_keys(segments)) AS name FROM customers, asked
  WHERE state = 'live' AND (asked.segment = '' OR map_contains(segments, asked.segment))
), sizes AS (SELECT name, count(*) AS whole FROM memberships GROUP BY name)
SELECT one.name AS one, other.name AS other, count(*) AS members, count(*) / any_value(whole) AS share
FROM memberships one JOIN memberships other ON other.person = one.person AND other.name <> one.name
JOIN sizes ON sizes.name = one.name GROUP BY 1, 2 ORDER BY 1, 2;
