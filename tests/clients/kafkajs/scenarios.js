// kafkajs: a client written in JavaScript alone. node scenarios.js BROKER SCENARIO PREFIX
const assert = require('node:assert/strict')
const { setTimeout: sleep } = require('node:timers/promises')
const { CompressionCodecs, CompressionTypes, ConfigResourceTypes, Kafka, logLevel } = require('kafkajs')

const [broker, scenario, prefix] = process.argv.slice(2)
const kafka = new Kafka({ brokers: [broker], logLevel: logLevel.ERROR })

// Codecs that kafkajs leaves to others.
CompressionCodecs[CompressionTypes.Snappy] = require('kafkajs-snappy')
const lz4 = require('lz4js')
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: async (encoder) => Buffer.from(lz4.compress(encoder.buffer)),
  decompress: async (buffer) => Buffer.from(lz4.decompress(buffer)),
})
const zstd = require('@bokuweb/zstd-wasm')
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async (encoder) => (await zstd.init(), Buffer.from(zstd.compress(encoder.buffer))),
  decompress: async (buffer) => (await zstd.init(), Buffer.from(zstd.decompress(buffer))),
})

const numbers = (count, suffix = '') => Array.from({ length: count }, (_, number) => `${number}${suffix}`)

async function eventually(question, what) {
  for (const end = Date.now() + 30_000; !(await question()); await sleep(20)) assert(Date.now() < end, `not within 30 s: ${what}`)
}

async function withAdmin(work) {
  const admin = kafka.admin()
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}

const create = (topic, numPartitions = 1, configEntries = []) =>
  withAdmin((admin) => admin.createTopics({ topics: [{ topic, numPartitions, configEntries }], waitForLeaders: true }))

async function write(topic, messages, { compression, ...options } = {}) {
  const producer = kafka.producer(options)
  await producer.connect()
  await producer.send({ topic, messages, compression })
  await producer.disconnect()
}

class Member {
  constructor(groupId, options = {}) {
    this.consumer = kafka.consumer({ groupId, sessionTimeout: 6000, heartbeatInterval: 300, rebalanceTimeout: 6000, maxWaitTimeInMs: 200, ...options })
    this.messages = []
    this.owned = []
    this.consumer.on(this.consumer.events.GROUP_JOIN, ({ payload }) => (this.owned = Object.values(payload.memberAssignment).flat()))
  }

  async start(topic, options = {}) {
    await this.consumer.connect()
    await this.consumer.subscribe({ topics: [topic], fromBeginning: true })
    await this.consumer.run({ eachMessage: async ({ partition, message }) => void this.messages.push({ partition, ...message }), ...options })
    return this
  }

  leave = () => this.consumer.disconnect()
}

async function read(topic, count, options) {
  const member = await new Member(`${topic}-reader`, options).start(topic, { autoCommit: false })
  await eventually(() => member.messages.length >= count, `${count} messages`)
  await member.leave()
  return member.messages
}

const values = (messages) => messages.map(({ value }) => value.toString())

const scenarios = {
  admin: () => withAdmin(async (admin) => {
    const topic = { topic: prefix, numPartitions: 2, configEntries: [{ name: 'retention.ms', value: '3600000' }] }
    assert.equal(await admin.createTopics({ topics: [topic] }), true)
    assert.equal(await admin.createTopics({ topics: [topic] }), false, 'creating again')
    await admin.createPartitions({ topicPartitions: [{ topic: prefix, count: 5 }] })
    assert.equal((await admin.fetchTopicMetadata({ topics: [prefix] })).topics[0].partitions.length, 5)
    const resource = { type: ConfigResourceTypes.TOPIC, name: prefix }
    await admin.alterConfigs({ resources: [{ ...resource, configEntries: [{ name: 'retention.ms', value: '7200000' }] }] })
    const described = await admin.describeConfigs({ resources: [{ ...resource, configNames: ['retention.ms'] }] })
    assert.equal(described.resources[0].configEntries[0].configValue, '7200000')
    await write(prefix, numbers(10).map((value) => ({ value, partition: 0 })))
    await admin.deleteTopicRecords({ topic: prefix, partitions: [{ partition: 0, offset: '4' }] })
    assert.deepEqual(values(await read(prefix, 6)), numbers(10).slice(4), 'the rest')
    assert.equal((await admin.describeCluster()).brokers.length, 1)
    await admin.deleteTopics({ topics: [prefix] })
    assert.equal((await admin.listTopics()).includes(prefix), false, 'listed after it was deleted')
  }),

  async codecs() {
    const types = { none: CompressionTypes.None, gzip: CompressionTypes.GZIP, snappy: CompressionTypes.Snappy, lz4: CompressionTypes.LZ4,
      zstd: CompressionTypes.ZSTD }
    for (const [codec, compression] of Object.entries(types)) {
      const wanted = numbers(200, ` ${codec} ${'x'.repeat(100)}`)
      await create(`${prefix}-${codec}`)
      await write(`${prefix}-${codec}`, wanted.map((value) => ({ value })), { compression })
      assert.deepEqual(values(await read(`${prefix}-${codec}`, 200)), wanted, codec)
    }
  },

  async idempotence() {
    await create(prefix)
    const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
    await producer.connect()
    const wanted = numbers(300)
    for (let at = 0; at < 300; at += 10) await producer.send({ topic: prefix, messages: wanted.slice(at, at + 10).map((value) => ({ value })) })
    await producer.disconnect()
    assert.deepEqual(values(await read(prefix, 300)), wanted)
  },

  async consume() {
    await create(prefix, 3)
    await write(prefix, numbers(300).map((value) => ({ value, key: `${value % 7}`, headers: { n: value }, timestamp: `${1_000_000 + Number(value)}` })))
    const last = new Map()
    for (const { key, value, headers, timestamp } of await read(prefix, 300)) {
      const number = Number(value)
      assert.deepEqual([`${key}`, `${headers.n}`, timestamp], [`${number % 7}`, `${number}`, `${1_000_000 + number}`])
      assert(!(last.get(`${key}`) >= number), 'the order of a key')
      last.set(`${key}`, number)
    }
  },

  async group() {
    await create(prefix, 6)
    const first = await new Member(`${prefix}-group`).start(prefix)
    await eventually(() => first.owned.length === 6, 'the only member has all')
    const second = await new Member(`${prefix}-group`).start(prefix)
    await eventually(() => first.owned.length === 3 && second.owned.length === 3 && new Set([...first.owned, ...second.owned]).size === 6,
      'two members share')
    assert.equal((await withAdmin((admin) => admin.describeGroups([`${prefix}-group`]))).groups[0].members.length, 2)
    await first.leave()
    await eventually(() => second.owned.length === 6, 'who stays has all')
    await second.leave()
  },

  async commits() {
    const groupId = `${prefix}-group`
    await create(prefix)
    await write(prefix, numbers(10).map((value) => ({ value })))
    for (const [begin, commit] of [[0, 4], [4, 8]]) {
      const member = await new Member(groupId).start(prefix, { autoCommit: false })
      await eventually(() => member.messages.length > 0, 'a message')
      assert.equal(member.messages[0].offset, `${begin}`, 'where it goes on')
      await member.consumer.commitOffsets([{ topic: prefix, partition: 0, offset: `${commit}`, metadata: 'note' }])
      await member.leave()
    }
    await withAdmin(async (admin) => {
      const kept = async () => (await admin.fetchOffsets({ groupId, topics: [prefix] }))[0].partitions[0]
      assert.deepEqual([(await kept()).offset, (await kept()).metadata], ['8', 'note'])
      await admin.setOffsets({ groupId, topic: prefix, partitions: [{ partition: 0, offset: '2' }] })
      assert.equal((await kept()).offset, '2')
      await admin.resetOffsets({ groupId, topic: prefix, earliest: true })
      assert.equal((await kept()).offset, '-2', 'kafkajs resets by a number that means the start')
      await admin.deleteGroups([groupId])
    })
  },

  async time() {
    await create(prefix)
    const base = 1_700_000_000_000
    await write(prefix, numbers(10).map((value) => ({ value, timestamp: `${base + value * 1000}` })))
    await withAdmin(async (admin) => {
      for (const [stamp, offset] of [[0, 0], [base + 3000, 3], [base + 3001, 4], [base + 10_000, 10]]) {
        const [found] = await admin.fetchTopicOffsetsByTimestamp(prefix, stamp)
        assert.equal(found.offset, `${offset}`, `the offset at ${stamp}`)
      }
      const [ends] = await admin.fetchTopicOffsets(prefix)
      assert.deepEqual([ends.low, ends.high], ['0', '10'])
    })
  },

  async transactions() {
    await create(prefix)
    const open = async () => {
      const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, transactionalId: `${prefix}-id`, retry: { retries: 2 } })
      await producer.connect()
      return producer
    }
    const producer = await open()
    for (const value of ['kept 1', 'dropped', 'kept 2']) {
      const transaction = await producer.transaction()
      await transaction.send({ topic: prefix, messages: [{ value: `${value} 0` }, { value: `${value} 1` }] })
      await (value === 'dropped' ? transaction.abort() : transaction.commit())
    }
    assert.deepEqual(values(await read(prefix, 4)), ['kept 1 0', 'kept 1 1', 'kept 2 0', 'kept 2 1'])
    for (const commit of [false, true]) {
      const transaction = await producer.transaction()
      await transaction.send({ topic: prefix, messages: [{ value: 'with offsets' }] })
      await transaction.sendOffsets({ consumerGroupId: `${prefix}-group`, topics: [{ topic: prefix, partitions: [{ partition: 0, offset: '4' }] }] })
      await (commit ? transaction.commit() : transaction.abort())
      const [kept] = await withAdmin((admin) => admin.fetchOffsets({ groupId: `${prefix}-group`, topics: [prefix] }))
      assert.equal(kept.partitions[0].offset, commit ? '4' : '-1')
    }
    const owner = await open()
    const transaction = await owner.transaction()
    await assert.rejects(async () => {
      const zombie = await producer.transaction()
      await zombie.send({ topic: prefix, messages: [{ value: 'of a zombie' }] })
      await zombie.commit()
    })
    await transaction.send({ topic: prefix, messages: [{ value: 'of the owner' }] })
    await transaction.commit()
    assert.equal(values(await read(prefix, 6, { groupId: `${prefix}-last` })).at(-1), 'of the owner')
  },
}

scenarios[scenario]().then(() => process.exit(0), (error) => {
  console.error(error)
  process.exit(1)
})
