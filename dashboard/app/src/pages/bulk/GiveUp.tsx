import { useState } from "react";
import { useMutation } from "urql";
import { graphql } from "../../api/graphql";
import { t } from "../../text";
import { Button } from "../../ui/Button";
import { Confirm } from "../../ui/Confirm";
import { Problem } from "../../ui/Problem";

const CancelBulk = graphql(`
  mutation CancelBulk($id: ID!) { cancelBulkConnect(input: { bulkConnectId: $id }) { bulkConnect { id status } userErrors { message } } }
`);

/** Gives a bulk connect up, after saying what that means. */
export function GiveUp({ id, small }: { id: string; small?: boolean }) {
  const [asking, setAsking] = useState(false);
  const [{ fetching, error, data }, cancel] = useMutation(CancelBulk);
  return (
    <>
      <Button small={small} onClick={() => setAsking(true)}>{t.bulk.cancel}</Button>
      <Confirm open={asking} title={`${t.bulk.cancel}?`} action={t.bulk.cancel} busy={fetching} onConfirm={() => cancel({ id })} onClose={() => setAsking(false)}>
        <p>{t.bulk.cancelText}</p>
        <Problem error={error} userErrors={data?.cancelBulkConnect.userErrors} />
      </Confirm>
    </>
  );
}
