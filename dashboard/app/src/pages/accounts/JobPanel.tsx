import { useQuery, useSubscription } from "urql";
import { Link } from "wouter";
import { useAct } from "../../api/actions";
import type { BulkJobPartsFragment } from "../../api/gen/graphql";
import { graphql } from "../../api/graphql";
import { t } from "../../text";
import { Badge } from "../../ui/Badge";
import { Button, IconButton } from "../../ui/Button";
import { Card } from "../../ui/Page";
import { Progress } from "../../ui/Progress";
import { ErrorNote, Loading, Note } from "../../ui/states";

export const BulkJobParts = graphql(`
  fragment BulkJobParts on BulkJob { id action status total done succeeded unneeded failed endedAt }
`);

const BulkJobChanged = graphql(`
  subscription BulkJobChanged($id: ID!) { bulkJobChanged(id: $id) { ...BulkJobParts } }
`);

const JobFailures = graphql(`
  query JobFailures($id: ID!) {
    bulkJob(id: $id) {
      id
      results(first: 20, outcome: FAILED) {
        nodes { accountId message account { id displayName platform { id displayName } } diagnosis { solutions } }
        pageInfo { hasNextPage }
      }
    }
  }
`);

const CancelBulkJob = graphql(`
  mutation CancelBulkJob($id: ID!) { done: cancelBulkJob(input: { jobId: $id }) { bulkJob { ...BulkJobParts } userErrors { message } } }
`);

/** A bulk job as it goes on. */
export function JobPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const [{ data, error }] = useSubscription({ query: BulkJobChanged, variables: { id } });
  const job = data?.bulkJobChanged;
  if (job) return <Job job={job} onClose={onClose} />;
  return (
    <Card className="job">
      {error ? <Note tone="warn" title={t.jobs.gone}><Button small onClick={onClose}>{t.jobs.hide}</Button></Note> : <Loading />}
    </Card>
  );
}

function Job({ job, onClose }: { job: BulkJobPartsFragment; onClose: () => void }) {
  const [act, busy] = useAct();
  const { id, action, status, total, done, unneeded, failed } = job;
  return (
    <Card
      className="job"
      title={status === "RUNNING" ? t.jobs.running[action] : `${t.jobs.actions[action]}: ${t.jobs.status[status]}`}
      aside={
        <span className="actions">
          <span className="soft" role="status">{t.jobs.progress(done, total)}</span>
          {unneeded > 0 && <Badge>{t.jobs.unneeded(unneeded)}</Badge>}
          {failed > 0 && <Badge tone="bad">{t.jobs.failed(failed)}</Badge>}
          {status === "RUNNING" ? (
            <Button small busy={busy !== undefined} onClick={() => act(CancelBulkJob, { id }, t.jobs.cancelled)}>{t.jobs.cancel}</Button>
          ) : (
            <IconButton small icon="close" label={t.jobs.hide} onClick={onClose} />
          )}
        </span>
      }
    >
      <Progress label={t.jobs.actions[action]} done={done} total={total} />
      {failed > 0 && status !== "RUNNING" && <Failures id={id} />}
    </Card>
  );
}

function Failures({ id }: { id: string }) {
  const [{ data, error }] = useQuery({ query: JobFailures, variables: { id }, requestPolicy: "network-only" });
  if (error) return <ErrorNote error={error} />;
  const results = data?.bulkJob?.results;
  if (!results) return <Loading />;
  return (
    <>
      <h3>{t.jobs.failures}</h3>
      <ul className="account-lines">
        {results.nodes.map(({ accountId, account, message, diagnosis }) => (
          <li key={accountId} className="failure">
            <Link href={`/accounts/${accountId}`}>{account ? `${account.displayName} (${account.platform.displayName})` : accountId}</Link>
            <span className="soft small">{message ?? t.jobs.fault} {diagnosis?.solutions[0]}</span>
          </li>
        ))}
      </ul>
      {results.pageInfo.hasNextPage && <p className="soft small">{t.jobs.moreFailures}</p>}
    </>
  );
}
