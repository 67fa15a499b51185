/*
title: {tr: "Nerede başlıyor, nerede bitiyor", en: Where purchases start and finish}
description:
  tr: Bir siparişten önceki yedi günde müşteri ilk nerede görüldü, siparişi nerede verdi.
  en: Where a customer was first seen in the seven days before an order, and where he ordered.
parameters: [from, to, segment, compare]
tables:
  - name: matrix
    title: {tr: Başlangıç ve bitiş, en: Start and finish}
    key: [start, finish]
    chart: {kind: matrix, x: finish, by: start, y: [share]}
    columns:
      start: {kind: text, tr: Başlangıç, en: Start, means: "channel and device of the first visit in the seven days before the order, after the order before; of an order without visits its own"}
      finish: {kind: text, tr: Bitiş, en: Finish, means: channel and device of the order}
      orders: {kind: count, tr: Sipariş, en: Orders, means: orders that count}
      revenue: {kind: money, tr: Ciro, en: Revenue, means: their revenue}
      share: {kind: share, tr: Pay, en: Share, means: of all orders}
  - name: changes
    title: {tr: Yer değiştirenler, en: Purchases that change place}
    columns:
      orders: {kind: count, tr: Sipariş, en: Orders, means: orders that count}
      seen: {kind: count, tr: Öncesi bilinen, en: With a visit before, means: those with a visit in the seven days before}
      changed: {kind: count, tr: Yer değiştiren, en: Changed, means: those whose start and finish differ}
      share: {kind: share, tr: Pay, en: Share, means: changed of all orders}
      changed_device: {kind: count, tr: Cihaz değiştiren, en: Changed the device, means: those whose devices at the start and at the finish are known and differ}
      device_share: {kind: share, tr: Cihaz değiştirenlerin payı, en: Share that changes the device, means: changed_device of all orders}
*/
-- table: matrix
SELECT
  coalesce(place, finish) AS start, finish, count(*) AS orders, sum(revenue) AS revenue,
  count(*) / sum(count(*)) OVER () AS share
FROM purchases GROUP BY 1, 2 ORDER BY orders DESC, 1, 2;

-- table: changes
SELECT
  count(*) AS orders, count(place) AS seen, count(*) FILTER (WHERE place <> finish) AS changed,
  count(*) FILTER (WHERE place <> finish) / nullif(count(*), 0) AS share,
  count(*) FILTER (WHERE start_device <> '' AND finish_device <> '' AND start_device <> finish_device) AS changed_device,
  count(*) FILTER (WHERE start_device <> '' AND finish_device <> '' AND start_device <> finish_device) / nullif(count(*), 0) AS device_share
FROM purchases;
