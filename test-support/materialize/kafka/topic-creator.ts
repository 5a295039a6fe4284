/** Creates topics asked for at about the same time in one request, for each takes the controller a while. */
import type { Broker, NewTopic } from './kafkajs-internals.ts'

const WINDOW_MS = 10

interface Asked {
  topic: NewTopic
  resolve(): void
  reject(error: unknown): void
}

export class TopicCreator {
  private readonly send: (call: (broker: Broker) => Promise<unknown>) => Promise<unknown>
  private asked: Asked[] = []

  constructor(send: TopicCreator['send']) {
    this.send = send
  }

  create(topic: NewTopic): Promise<void> {
    return new Promise((resolve, reject) => {
      this.asked.push({ topic, resolve, reject })
      if (this.asked.length === 1) setTimeout(() => void this.flush(), WINDOW_MS)
    })
  }

  private async flush(): Promise<void> {
    const asked = this.asked
    this.asked = []
    const topics = new Map(asked.map(({ topic }) => [topic.topic, topic]))
    try {
      await this.send((broker) => broker.createTopics({ topics: [...topics.values()] }))
      for (const { resolve } of asked) resolve()
    } catch (error) {
      const { errors } = error as { errors?: { topic?: string }[] }
      for (const { topic, resolve, reject } of asked) {
        const own = errors?.find((one) => one.topic === topic.topic)
        // Errors by topic: those that have none were created.
        if (errors === undefined) reject(error)
        else if (own === undefined) resolve()
        else reject(own)
      }
    }
  }
}
