"""The rows of the map of what is stored: table, kind, partition key, sort key, attributes, purpose, what it tells of a
person, how long it is kept."""

KINDS = r"""
customers | events | ?.* | t#* | name data | relation | everything a channel reported: pages, carts, orders, traits, addresses | until erased
customers | facts | ?.* | facts | version release data until listed spilled spilled_items | relation | traits, addresses, carts, orders, opens and clicks, folded from the events | until erased
customers | orders of facts | ?.* | facts#orders#* | version data | relation | orders with their products and amounts | until erased
customers | link of an identifier | ?.* | claim | version name trusted public verdicts moving | relation | one identifier in plain form, such as an address, and whose it is | until erased
customers | owned identifier | ?.* | owns#* | claimed mark | relation | that two identifiers are one person | until erased
customers | released link | ?.* | parted#* | words | relation | that two identifiers are not one person, and who said so when | until erased
customers | customer | ?.* | customer | version release state segments armed cart_at cart_count events entered left left_at history backfilled live_shard | marketing | segments, and which events were decided last | until erased
customers | member of a segment | ?.* | member#* | seg since customer | marketing | that he is in a segment, and since when | until he leaves it, or is erased
customers | enrollment | ?.* | enrollment#* | version journey id release trigger started steps state one group priority begun clock end expires | marketing | which journey he is in, why and how it ended | until erased; ended ones 90 days, or as long as re-entry asks
customers | places under the caps | ?.* | sends | version places dead given noted | marketing | when he was written to last, coupons that he was given | until erased
customers | consent | ?.* | consent#* | channel purpose granted at received may_grant source id address text origin link merchant run version takes_back | proof | each agreement and refusal, with time, source and text; of very many by a public key how many there were; which refusals were found to be forged, by whom and why | until erased; a refusal under the address until a new consent
customers | consent that was folded | ?.* | verbatim#* | channel purpose granted at received may_grant source id address text origin link merchant place | proof | each of very many agreements and refusals by a public key | until erased; a refusal under the address until a new consent
customers | preference | ?.* | preference#* | at id one_in paused language source origin text link | proof | how often he wants to be written to, pauses, language | until erased
customers | bounces of an address | ?.* | bounces | version alive soft | operation | how often mails to an address bounced | until erased
customers | holder of a push token | ?.* | holder#* | | marketing | which user an app or browser belongs to | until erased
customers | restriction or objection | ?.* | right#* | root held_ms lifted_ms | proof | that his data are not to be used, or not for marketing; the id of the case | until erased
customers | mark of an erasure | ?.* | erased | erasure until anew expires | proof | that the person behind the digest was erased, and whether he wrote again since | 30 days; if he wrote again, until that is erased
customers | names in the search index | ?.* | names | version places | relation | digests of the beginnings of his names | until erased
customers | entry of the search index | find#* | * | | relation | a digest of the beginning of a name, or of an order's number, beside the digest of the customer | until erased
messages | message | * | message | version state home at decided_ms updated_ms sent_ms until_ms provider_id reason detail evidence root enrollment journey release step template purpose channel due_ms clock_ms attempts text address_key language coupon parts test | proof | what was sent to him or not, and why: subject or text, digest of the address | until erased
messages | mark of an open or click | reaction#* | * | expires first_ms | measure | that a message was opened or clicked | 400 days
messages | id of the provider | * | provider | message expires | operation | which message a report of a provider means | 10 days
messages | short link | link#* | link | message number url product expires | measure | the page that a text message led to | 400 days
messages | coupon code that was given | coupon#*#code#* | claim | coupon unit mark message revision of at_ms percent valid_until | proof | who was given a code, by a digest | for good: it must not be given twice
messages | coupon code that is free | coupon#*#free#* | * | mark | operation | | until it is given
catalog | product bought with others | together#product#* | companions | version counts shown | measure | | for good
catalog | order that was counted | together#order#* | companions | | measure | the digest of an order's number | for good
messages | sign-up and its counters | signup#* | * | address channel purposes text asked_ms source event count expires | proof | the digests of a phone number that waits for its code, and of networks and addresses that asked | a code 1 hour, counters up to 14 days
timers | lease of a shard | lease | * | owner until handed | operation | | a minute
timers | timer | * | * | revision step | operation | the digest of a customer, and what is due for him when | until it is due
catalog | release of definitions | release* | * | number origin changed more parts data text | operation | | the last 8; the log for good
catalog | draft of a definition | drafts | * | content base by at version | operation | the name of the colleague who wrote it | until it is published or thrown away
catalog | source | source#* | source | name channel trust settings kind created_at disabled | operation | | for good
catalog | issuer of customer tokens | issuer#* | issuer | generation disabled at | security | | for good
catalog | sender | * | sender | definition | operation | | for good
catalog | feed of products | feeds | * | definition | operation | | for good
catalog | pull of a feed | feed#* | * | state started_ms ended_ms next_ms etag last_modified digest products written same refused refusals failure definition turns_ms page rows | operation | | until the next pull
catalog | connected shop | connector#* | connector | definition | operation | | for good
catalog | key of web push | push | * | public_key | operation | | for good
catalog | switches of sending | controls | * | version global_stop shadow at by allow_list state stopped | operation | the name of the colleague who used a switch; named test recipients | for good
catalog | backfill | backfill | * | release fingerprint covers noticed begun sent version number done decided failed fraction owner held_until moved finished | operation | | for good
catalog | audit of memberships | audit | * | at release sampled left_out mismatches roots sizes cycles | security | digests of customers whose memberships did not fit | until the next audit
catalog | campaign | campaigns | * | definition release begins scheduled_at estimate at_least sample cancelled_at stopped | operation | | for good
catalog | campaign that stopped by itself | campaigns#stopped | * | at because limit sent bounced complained expires | operation | | 30 days
catalog | customers whom pages of a campaign handed over | campaign#*#given#* | * | digests expires | marketing | eight bytes of a digest of the digest of a customer who got a campaign | 7 days after the campaign
catalog | reports about a campaign | campaign#* | reports#* | bounced complained | measure | | for good
catalog | outcomes of a campaign | campaign#* | outcomes#* | * | measure | | for good
catalog | test of a campaign | campaign#* | test#* | definition release begins scheduled_at estimate at_least sample cancelled_at expires | operation | | 7 days
catalog | progress of a campaign | campaign#* | * | walked excluded repeated place last ended finished version cursor upto behind touched minute used homes handed | marketing | digests of customers whose message waits | until the campaign is sent
catalog | state of a channel's provider | provider#* | * | version phase ambiguous spacing top cause message opened_at since probe_at probing_until taken asked at per_day per_second sent production enabled reserved waiting bounced complained because resumed by expires | operation | the name of the colleague who let a channel go on | for good; daily counters 100 days
catalog | digest of a month | digest | * | state at | operation | | for good
catalog | erasure | erasures | * | version state homes requested by removed kept done case request proven erased confirmed expires | proof | digests of the erased person's identifiers | 3 years
catalog | case | cases | * | version right home requested log number erasure marked part proven expires | proof | digests of who asked for what, and when; who did it | 3 years after its end
catalog | cases of a customer | case#* | * | expires | proof | the digest of who asked, and the id of the case | as long as the case
catalog | dry run of a journey | dryruns | * | id journey content release draft since until limit agreed sms_price by at state error shard after of_shard parts totals version touched expires | operation | the name of the colleague who asked for it, and the digest of the customer at which it goes on | 7 days
catalog | customers of a dry run | dryruns#* | part#* | people expires | measure | digests of customers, with what they would have got and what they got | 7 days
catalog | change in the console, or by the API | changes#* | * | at by subject what about outcome counts version marks | security | the name of the colleague, and what he changed | for good
metrics | addresses that complained | reputation#*#* | * | count at expires | security | the digest of an address that complained or bounced | 14 days
metrics | bounces and complaints of an hour | reputation#* | * | sent bounced complained expires | security | | 14 days
metrics | where withdrawals of a public source lie | withdrawals#* | ??#*#* | expires | security | digests of a customer and an address whose consent was withdrawn with a public key within an hour | 90 days
metrics | counters of a source | sources | * | source trust quota events guarded withdrawn failed refused#* warned#* new#* seen#* expires | security | | 8 days
stock | level of a product | sku#* | level#* | level_shard level_mark sku location on_hand reserved incoming version seq base recent shop_ms shop_short shop_holds shop_untracked | operation | | for good
stock | log of a product | sku#* | log#* | base entries | operation | | for good
stock | mark of a movement or reservation | key#* | mark | kind print id lines until state about ended_by at after | operation | what a channel wrote about it, such as an order's number | for good
stock | pick-up | pickup#* | pickup | id who place lines code state since_ms until_ms order_id tries version expires level_shard level_mark | relation | who picks up what, where and until when | 180 days after its end
stock | event that is to be told | notice#* | event | id who name at_ms properties expires | relation | one identifier of the customer, and what happened to his pick-up | 7 days
stock | item of a connected shop | shop#* | * | sku at_ms named_ms former untracked location number quantity tie_ms version | operation | | for good
stock | shares of a sku of a connected shop | shopsku#* | * | shares version | operation | | for good
stock | price that may be a slip | heldprices | * | product since_ms price was currency said version expires | operation | | 30 days
stock | location | locations | * | location label safety backorder pickup city address opening closed ready_minutes | operation | | for good
products | product | product#* | product | * | operation | | for good
interests | interest in a product | product#* | * | sku expires | marketing | that the customer behind a digest looked at or bought a product | as long as it can count, at most 400 days
interests | announcement of a product | announced#* | * | product episode at_ms pieces left price was currency version last_told expires | operation | | 180 days
interests | who was told of a product | told#* | * | episode at_ms by properties expires | proof | that the customer behind a digest was told | 30 days
conversations | conversation | conversation#* | conversation | version data pool pool_at desk due due_at | relation | subject, channel, state and who answers | until erased
conversations | message of a conversation | conversation#* | m#* | id data | relation | what he wrote, what he was answered, and the address or account | until erased
conversations | who looks at a conversation | conversation#* | looking#* | agent at expires | operation | which agent had it open | 1 day
conversations | when a team was told | conversation#* | told#* | at expires | operation | that the team was mailed about an answer that is due | 30 days
conversations | when a customer was asked | home#* | asked | at expires | operation | | 60 days
conversations | place of a message | message#* | message | conversation place | operation | | until erased
conversations | counter of chats | chat#* | * | count expires | security | how often a chat, a network or a key of the page wrote, and how often somebody was answered by itself, by digest | 2 days
conversations | progress of mending the pool | sweep | pool | state cursor | operation | | for good
conversations | conversations of an identifier | home#* | * | ids version id | relation | which conversations an identifier has | until erased
catalog | walk of retention | retention | * | begun_ms ended_ms shard cursor counts day today carried_out expires | proof | | 3 years
audiences | address in an audience | ?.* | * | version digest held want since listed listed_by | marketing | an e-mail address or phone number as SHA-256, and which list for advertising it is in | until he leaves the segment, withdraws or is erased, and the platform took him out
audiences | state of an audience | state | * | settings size walk walked failing problem closing | operation | | as long as the audience
audiences | change on its way to a platform | batch | * | job at places | operation | digests of the addresses of one change | until it is done
audiences | lease of who tells platforms | run | lease | owner until | operation | | five minutes
iys | recipient at the register | ?.* | record#* | version type recipient home status status_at status_since erased asked statements waits waits_by | proof | an e-mail address or phone number, and what the register of consent (IYS) holds of it and was told | until erased; what the register holds stays, under the digest
iys | upload to the register | upload#* | * | at places request lost | proof | digests of the addresses of one upload | until it is answered
iys | change at the register that could not be read | unreadable#* | * | at customer row expires | operation | the digest of an address, and what the row says without address or name | 30 days
iys | how far the register was read | pull | * | after at gap | operation | | for good
iys | lease of the exchange with the register | run | * | owner until | operation | | five minutes
"""
