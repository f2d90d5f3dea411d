// In place of the renderer's own prefilling: the server prefills ($populate), on request.
export async function populateQuestionnaire() {
  return { populateSuccess: false, populateResult: null };
}
