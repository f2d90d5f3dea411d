// Questions that depend on an answer which is worked out: the renderer looks at them again only when a person changes an answer.
import { questionnaireResponseStore, questionnaireStore } from "@aehrc/smart-forms-renderer";

export function followWorkedOutAnswers(): () => void {
  const seen = new Map<string, string>();
  const follow = () => {
    const { calculatedExpressions, enableWhenLinkedQuestions, updateEnableWhenItem } = questionnaireStore.getState();
    for (const linkId of Object.keys(calculatedExpressions).filter((one) => enableWhenLinkedQuestions[one])) {
      const answer = questionnaireResponseStore.getState().updatableResponseItems[linkId]?.[0]?.answer;
      const now = JSON.stringify(answer ?? null);
      if (seen.get(linkId) !== now) {
        seen.set(linkId, now);
        updateEnableWhenItem(linkId, answer, null);
      }
    }
  };
  follow();
  return questionnaireResponseStore.subscribe(follow);
}
