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
-- By customer and what is counted first: "told" is a sum of 1 late, 2 history, 4 provisional, 8 an order, 16 an order that
-- is incomplete, 32 without a device.
WITH counted AS (
  SELECT origin, person, told, count(*) AS n, max("at") AS newest
  FROM acts WHERE "at" >= from_ms() AND "at" < to_ms() GROUP BY origin, person, told
), origins AS (
  SELECT origin, max(source) AS source, max(channel) AS channel FROM report_events GROUP BY origin
), summed AS (
  SELECT
    origin, sum(n) AS events, count(DISTINCT person) AS customers, coalesce(sum(n) FILTER (WHERE told & 1 <> 0), 0) AS late,
    coalesce(sum(n) FILTER (WHERE told & 2 <> 0), 0) AS history,
    coalesce(sum(n) FILTER (WHERE told & 4 <> 0), 0) AS provisional,
    coalesce(sum(n) FILTER (WHERE told & 8 <> 0), 0) AS orders,
    coalesce(sum(n) FILTER (WHERE told & 16 <> 0), 0) AS incomplete_orders, max(newest) AS newest,
    coalesce(sum(n) FILTER (WHERE told & 32 <> 0), 0) AS without_device
  FROM counted GROUP BY origin
)
SELECT
  source, channel, events, customers, late, history, provisional, orders, incomplete_orders,
  CAST(local_time(newest) AS DATE) AS newest, without_device / events AS without_device
FROM summed JOIN origins ON origins.origin = summed.origin
ORDER BY events DESC, 1, 2;
