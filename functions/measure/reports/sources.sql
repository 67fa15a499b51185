/*
title: {tr: Kaynaklar, en: Sources}
description:
  tr: Her kaynak ne gönderdi ve verisi ne kadar tam.
  en: What each source sent, and how complete its data is.
parameters: [from, to, segment, compare]
tables:
  - name: sources
    title: {tr: Kaynaklar, en: Sources}
    key: [source, channel]
    chart: {kind: bars, x: source, y: [events]}
    columns:
      source: {kind: text, tr: Kaynak, en: Source, means: name of the source}
      channel: {kind: text, tr: Kanal, en: Channel, means: channel of the source}
      events: {kind: count, tr: Olay, en: Events, means: events that happened in these days}
      customers: {kind: count, tr: Müşteri, en: Customers, means: customers whom they are about}
      late: {kind: count, tr: Geç gelen, en: Late, means: received more than an hour after they happened; imports left out}
      history: {kind: count, tr: İçe aktarılan, en: Imported, means: events that an import told}
      provisional: {kind: count, tr: Doğrulanmamış, en: Provisional, means: what a public source said and only a trusted one may say}
      orders: {kind: count, tr: Sipariş olayı, en: Order events, means: events named Order Completed}
      incomplete_orders: {kind: count, tr: Eksik sipariş, en: Incomplete orders, means: those without order id or total}
      newest: {kind: date, tr: Son olay, en: Newest, means: local day of its newest event; a source that fell silent is seen here}
      without_device: {kind: share, tr: Cihazı bilinmeyen, en: Device unknown, means: share of events without a kind of device}
*/
-- table: sources
-- By identifier first: these are fewer than events, and whose they are is asked of them alone.
WITH told AS (
  SELECT
    source, channel, home, root, count(*) AS events,
    count(*) FILTER (WHERE received_at - "at" > 3600000 AND NOT coalesce(history, false)) AS late,
    count(*) FILTER (WHERE history) AS history, count(*) FILTER (WHERE provisional) AS provisional,
    count(*) FILTER (WHERE step = 4) AS orders,
    count(*) FILTER (WHERE step = 4 AND (order_key IS NULL OR total IS NULL)) AS incomplete_orders,
    max("at") AS newest, count(*) FILTER (WHERE device = '') AS without_device
  FROM report_events WHERE "at" >= from_ms() AND "at" < to_ms() GROUP BY source, channel, home, root
), mine AS (
  SELECT told.*, coalesce(people.person, told.root) AS person FROM told LEFT JOIN people ON people.home = told.home
)
SELECT
  source, channel, sum(events) AS events, count(DISTINCT person) AS customers, sum(late) AS late, sum(history) AS history,
  sum(provisional) AS provisional, sum(orders) AS orders, sum(incomplete_orders) AS incomplete_orders,
  CAST(local_time(max(newest)) AS DATE) AS newest, sum(without_device) / sum(events) AS without_device
FROM mine WHERE asked_segment() = '' OR person IN (SELECT person FROM chosen)
GROUP BY 1, 2 ORDER BY events DESC, 1, 2;
