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
