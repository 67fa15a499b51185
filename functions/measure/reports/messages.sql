/*
title: {tr: İletiler, en: Messages}
description:
  tr: Bu günler için planlanan her ileti ne oldu; açılma ve tıklama sonradan da sayılır. Ciro, son dokunuşa göredir.
  en: What became of each message that was planned for these days; opens and clicks count whenever they came. Revenue goes to the last touch.
parameters: [from, to, segment, compare]
tables:
  - name: steps
    title: {tr: Adımlar, en: Steps}
    key: [kind, name, step, channel]
    chart: {kind: bars, x: name, y: [sent, opened, clicked]}
    columns:
      kind: &kind {kind: text, tr: Tür, en: Kind, means: journey or campaign}
      name: &name {kind: text, tr: Ad, en: Name, means: name of the journey or campaign}
      step: &step {kind: text, tr: Adım, en: Step, means: step of the journey}
      channel: &channel {kind: text, tr: Kanal, en: Channel, means: "email, sms or push"}
      planned: &planned {kind: count, tr: Planlanan, en: Planned, means: messages planned for these days}
      sent: &sent {kind: count, tr: Gönderilen, en: Sent, means: given to the provider}
      not_sent: &not_sent {kind: count, tr: Gönderilmeyen, en: Not sent, means: skipped or failed}
      waiting: {kind: count, tr: Bekleyen, en: Waiting, means: deferred}
      unknown: {kind: count, tr: Bilinmeyen, en: Unknown, means: the provider gave no answer}
      delivered: &delivered {kind: count, tr: Ulaşan, en: Delivered, means: the provider reported its arrival}
      opened: &opened {kind: count, tr: Açılan, en: Opened, means: opened by a person}
      opened_machine: {kind: count, tr: Yalnız makine açan, en: Opened by machines only, means: opened by a program and by no person}
      clicked: &clicked {kind: count, tr: Tıklanan, en: Clicked, means: "a link was followed by a person, or a push message tapped"}
      bounced: &bounced {kind: count, tr: Geri dönen, en: Bounced, means: bounced or refused by the recipient's provider}
      complained: &complained {kind: count, tr: Şikâyet, en: Complained, means: marked as spam}
      unsubscribed: &unsubscribed {kind: count, tr: Ayrılan, en: Unsubscribed, means: the recipient unsubscribed through it}
      converted: &converted {kind: count, tr: Siparişe dönen, en: Converted, means: messages that were the last touch of an order}
      revenue: &revenue {kind: money, tr: Ciro, en: Revenue, means: revenue of those orders}
      cost: &cost {kind: money, tr: Maliyet, en: Cost, means: "what the sent ones cost, by the shop's own prices; empty where it gave none"}
      revenue_each: &revenue_each {kind: money, tr: İleti başına ciro, en: Revenue per message, means: revenue per sent message}
  - name: origins
    title: {tr: Akışlar ve kampanyalar, en: Journeys and campaigns}
    key: [kind, name]
    chart: {kind: bars, x: name, y: [conversion_rate]}
    columns:
      kind: *kind
      name: *name
      sent: *sent
      open_rate: &open_rate {kind: share, tr: Açılma, en: Open rate, means: "opened by a person, of sent"}
      click_rate: &click_rate {kind: share, tr: Tıklama, en: Click rate, means: "clicked by a person, of sent"}
      conversion_rate: &conversion_rate {kind: share, tr: Siparişe dönme, en: Conversion rate, means: converted of sent}
      unsubscribe_rate: &unsubscribe_rate {kind: share, tr: Ayrılma, en: Unsubscribe rate, means: unsubscribed of sent}
      revenue: *revenue
      cost: *cost
      revenue_each: *revenue_each
  - name: templates
    title: {tr: İleti metinleri, en: Templates}
    key: [template]
    columns:
      template: {kind: text, tr: Metin, en: Template, means: the template of the message}
      planned: *planned
      sent: *sent
      open_rate: *open_rate
      click_rate: *click_rate
      conversion_rate: *conversion_rate
      unsubscribe_rate: *unsubscribe_rate
      revenue: *revenue
      cost: *cost
      revenue_each: *revenue_each
  - name: variants
    title: {tr: Varyantlar, en: Variants}
    key: [name, step, variant]
    columns:
      name: {kind: text, tr: Akış, en: Journey, means: name of the journey}
      step: *step
      variant: {kind: text, tr: Varyant, en: Variant, means: arms of the splits that the enrollment went through before the message}
      planned: *planned
      sent: *sent
      open_rate: *open_rate
      click_rate: *click_rate
      conversion_rate: *conversion_rate
      unsubscribe_rate: *unsubscribe_rate
      revenue: *revenue
      cost: *cost
      revenue_each: *revenue_each
  - name: channels
    title: {tr: Kanallar, en: Channels}
    key: [channel]
    chart: {kind: bars, x: channel, y: [open_rate, click_rate, conversion_rate]}
    columns:
      channel: *channel
      planned: *planned
      sent: *sent
      delivered: *delivered
      bounced: *bounced
      complained: *complained
      unsubscribed: *unsubscribed
      open_rate: *open_rate
      click_rate: *click_rate
      conversion_rate: *conversion_rate
      unsubscribe_rate: *unsubscribe_rate
      revenue: *revenue
      cost: *cost
      revenue_each: *revenue_each
  - name: segments
    title: {tr: Segmentler, en: Segments}
    key: [segment]
    columns:
      segment: {kind: text, tr: Segment, en: Segment, means: recipients who are in it today; who is in two counts in both}
      planned: *planned
      sent: *sent
      open_rate: *open_rate
      click_rate: *click_rate
      conversion_rate: *conversion_rate
      unsubscribe_rate: *unsubscribe_rate
      revenue: *revenue
      cost: *cost
      revenue_each: *revenue_each
  - name: days
    title: {tr: Günlere göre, en: By day}
    key: [day]
    chart: {kind: lines, x: day, y: [sent, opened, clicked]}
    columns:
      day: {kind: date, tr: Gün, en: Day, means: local day for which they were planned}
      planned: *planned
      sent: *sent
      not_sent: *not_sent
      opened: *opened
      clicked: *clicked
      converted: *converted
      revenue: *revenue
  - name: reasons
    title: {tr: Neden gönderilmedi, en: Why not sent}
    key: [state, reason, channel]
    chart: {kind: bars, x: reason, y: [messages]}
    columns:
      state: {kind: text, tr: Durum, en: State, means: "skipped, failed, deferred or unknown"}
      reason: {kind: text, tr: Neden, en: Reason, means: word of docs/messages.md}
      channel: *channel
      messages: {kind: count, tr: İleti, en: Messages, means: messages planned for these days}
*/
-- shared: planned_messages
-- A day begins at a quarter of an hour in every time zone, so local days are computed of quarters.
WITH arms AS (
  SELECT messages.id AS id, string_agg(s."which", ' + ' ORDER BY s."at", s.step) AS variant
  FROM messages
  JOIN (SELECT home, journey, enrollment, unnest(steps) AS s FROM enrollments WHERE enrollment <> '') AS taken
    ON taken.home = messages.home AND taken.journey = messages.journey AND taken.enrollment = messages.enrollment
  WHERE s."by" = 'split' AND s."at" <= messages.planned_at AND planned_at >= from_ms() AND planned_at < to_ms()
  GROUP BY messages.id
), quarters AS (
  SELECT quarter, day_of(local_time(quarter * 900000)) AS day
  FROM (
    SELECT DISTINCT planned_at // 900000 AS quarter FROM report_messages WHERE planned_at >= from_ms() AND planned_at < to_ms()
  )
)
SELECT
  person, kind_key, cost, revenue, mark, orders > 0 AS converted, coalesce(variant, '') AS variant, quarters.day AS day
FROM message_facts JOIN quarters ON quarters.quarter = message_facts.planned_at // 900000
LEFT JOIN arms ON arms.id = message_facts.id WHERE planned_at >= from_ms() AND planned_at < to_ms();

-- shared: kinds
SELECT
  kind_key, any_value(campaign) AS campaign, any_value(journey) AS journey, any_value(step) AS step,
  any_value(channel) AS channel, any_value(template) AS template, any_value(state) AS state, any_value(reason) AS reason
FROM report_messages GROUP BY kind_key;

-- shared: tallies
-- Messages that are alike in everything that is counted: these are few. "kind_key" stands for what they say themselves.
WITH everybody AS (
  SELECT kind_key, variant, day, mark, converted, count(*) AS n, sum(revenue) AS revenue, sum(cost) AS cost
  FROM planned_messages GROUP BY kind_key, variant, day, mark, converted
), members AS (
  SELECT kind_key, segment, mark, converted, count(*) AS n, sum(revenue) AS revenue, sum(cost) AS cost
  FROM planned_messages
  JOIN (SELECT key_of(root) AS person, unnest(map_keys(segments)) AS segment FROM customers WHERE state = 'live') AS live
    ON live.person = planned_messages.person
  GROUP BY kind_key, segment, mark, converted
)
SELECT
  CASE WHEN campaign <> '' THEN 'campaign' ELSE 'journey' END AS kind,
  CASE WHEN campaign <> '' THEN campaign ELSE journey END AS name, step, channel, template, variant, day, '' AS segment,
  state, reason, mark, converted, n, revenue, cost
FROM everybody JOIN kinds ON kinds.kind_key = everybody.kind_key
UNION ALL
SELECT '', '', '', '', '', '', 0, segment, state, '', mark, converted, n, revenue, cost
FROM members JOIN kinds ON kinds.kind_key = members.kind_key;

-- shared: cells
SELECT
  kind, name, step, channel, template, variant, day, segment, sum(n) AS planned,
  coalesce(sum(n) FILTER (WHERE state = 'sent'), 0) AS sent,
  coalesce(sum(n) FILTER (WHERE state IN ('skipped', 'failed')), 0) AS not_sent,
  coalesce(sum(n) FILTER (WHERE state = 'deferred'), 0) AS waiting,
  coalesce(sum(n) FILTER (WHERE state = 'unknown'), 0) AS unknown,
  coalesce(sum(n) FILTER (WHERE mark & 1 <> 0), 0) AS delivered, coalesce(sum(n) FILTER (WHERE mark & 2 <> 0), 0) AS opened,
  coalesce(sum(n) FILTER (WHERE mark & 6 = 4), 0) AS opened_machine, coalesce(sum(n) FILTER (WHERE mark & 8 <> 0), 0) AS clicked,
  coalesce(sum(n) FILTER (WHERE mark & 32 <> 0), 0) AS bounced, coalesce(sum(n) FILTER (WHERE mark & 64 <> 0), 0) AS complained,
  coalesce(sum(n) FILTER (WHERE mark & 128 <> 0), 0) AS unsubscribed, coalesce(sum(n) FILTER (WHERE converted), 0) AS converted,
  sum(revenue) AS revenue, sum(cost) AS cost,
  coalesce(sum(n) FILTER (WHERE mark & 2 <> 0 AND state = 'sent'), 0) AS sent_opened,
  coalesce(sum(n) FILTER (WHERE mark & 8 <> 0 AND state = 'sent'), 0) AS sent_clicked,
  coalesce(sum(n) FILTER (WHERE converted AND state = 'sent'), 0) AS sent_converted,
  coalesce(sum(n) FILTER (WHERE mark & 128 <> 0 AND state = 'sent'), 0) AS sent_unsubscribed
FROM tallies GROUP BY kind, name, step, channel, template, variant, day, segment;

-- shared: counted
WITH placed AS (
  SELECT *, 'steps' AS part, kind AS a, name AS b, step AS c, channel AS d FROM cells WHERE kind <> ''
  UNION ALL SELECT *, 'origins', kind, name, '', '' FROM cells WHERE kind <> ''
  UNION ALL SELECT *, 'templates', template, '', '', '' FROM cells WHERE kind <> ''
  UNION ALL SELECT *, 'variants', name, step, variant, '' FROM cells WHERE variant <> ''
  UNION ALL SELECT *, 'channels', channel, '', '', '' FROM cells WHERE kind <> ''
  UNION ALL SELECT *, 'days', strftime(CAST(date_of(day) AS TIMESTAMP), '%Y-%m-%d'), '', '', '' FROM cells WHERE kind <> ''
  UNION ALL SELECT *, 'segments', segment, '', '', '' FROM cells WHERE kind = ''
)
SELECT
  part, a, b, c, d, sum(planned) AS planned, sum(sent) AS sent, sum(not_sent) AS not_sent, sum(waiting) AS waiting,
  sum(unknown) AS unknown, sum(delivered) AS delivered, sum(opened) AS opened, sum(opened_machine) AS opened_machine,
  sum(clicked) AS clicked, sum(bounced) AS bounced, sum(complained) AS complained, sum(unsubscribed) AS unsubscribed,
  sum(converted) AS converted, sum(revenue) AS revenue, sum(cost) AS cost,
  sum(revenue) / nullif(sum(sent), 0) AS revenue_each, sum(sent_opened) / nullif(sum(sent), 0) AS open_rate,
  sum(sent_clicked) / nullif(sum(sent), 0) AS click_rate, sum(sent_converted) / nullif(sum(sent), 0) AS conversion_rate,
  sum(sent_unsubscribed) / nullif(sum(sent), 0) AS unsubscribe_rate
FROM placed GROUP BY part, a, b, c, d;

-- table: steps
SELECT a AS kind, b AS name, c AS step, d AS channel, * FROM counted WHERE part = 'steps' ORDER BY sent DESC, a, b, c, d;

-- table: origins
SELECT a AS kind, b AS name, * FROM counted WHERE part = 'origins' ORDER BY sent DESC, a, b;

-- table: templates
SELECT a AS template, * FROM counted WHERE part = 'templates' ORDER BY sent DESC, a;

-- table: variants
SELECT a AS name, b AS step, c AS variant, * FROM counted WHERE part = 'variants' ORDER BY a, b, c;

-- table: channels
SELECT a AS channel, * FROM counted WHERE part = 'channels' ORDER BY sent DESC, a;

-- table: segments
SELECT a AS segment, * FROM counted WHERE part = 'segments' ORDER BY sent DESC, a;

-- table: days
SELECT a AS day, * FROM counted WHERE part = 'days' ORDER BY a;

-- table: reasons
SELECT state, reason, channel, sum(n) AS messages
FROM tallies WHERE kind <> '' AND state <> 'sent' GROUP BY 1, 2, 3 ORDER BY messages DESC, 1, 2, 3;
