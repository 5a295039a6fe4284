import kafkajs from 'kafkajs'
import type { Services } from './services.ts'

/** Everything that a canary could leave behind, as lines that can be compared. */
export async function everything(services: Services): Promise<string[]> {
  const { kafka } = services
  const objects = await services.sql(
    `SELECT o.id, o.name, o.type, c.comment FROM mz_objects o LEFT JOIN mz_internal.mz_comments c ON c.id = o.id WHERE o.id LIKE 'u%'`,
  )
  const inKafka = await kafka.withAdmin(async (admin) => {
    const topics = await admin.listTopics()
    const { groups } = await admin.listGroups()
    const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } =
      kafkajs
    const { resources } = await admin.describeAcls({
      resourceType: AclResourceTypes.ANY,
      resourcePatternType: ResourcePatternTypes.ANY,
      operation: AclOperationTypes.ANY,
      permissionType: AclPermissionTypes.ANY,
    })
    return [
      ...topics.map((name) => `topic ${name}`),
      ...groups.map(({ groupId }) => `group ${groupId}`),
      ...resources.flatMap(({ acls, ...of }) =>
        acls.map((acl) => `acl ${JSON.stringify({ ...of, ...acl })}`),
      ),
    ]
  })
  return [...objects.map((row) => `object ${JSON.stringify(row)}`), ...inKafka].sort()
}

/** Every schema, cluster, object and comment there is, and the topics whose names begin so, each a line. */
export async function allThings(services: Services, topics: string): Promise<string[]> {
  const reads = [
    'SELECT name FROM mz_schemas',
    'SELECT name, size FROM mz_clusters',
    "SELECT id, name, type FROM mz_objects WHERE id LIKE 'u%'",
    'SELECT id, object_type, comment FROM mz_internal.mz_comments',
  ]
  const lines: string[] = []
  for (const read of reads) {
    for (const row of await services.sql(read)) lines.push(JSON.stringify(row))
  }
  const found = await services.kafka.withAdmin((admin) => admin.listTopics())
  return [...lines, ...found.filter((name) => name.startsWith(topics))].sort()
}
