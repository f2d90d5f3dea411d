package org.passerelle.peer;

import static org.passerelle.peer.Verdict.check;
import static org.passerelle.peer.Verdict.refused;
import static org.passerelle.peer.Verdict.same;

import ca.uhn.fhir.rest.client.api.IGenericClient;
import ca.uhn.fhir.rest.client.interceptor.BearerTokenAuthInterceptor;
import ca.uhn.fhir.rest.server.exceptions.AuthenticationException;
import org.hl7.fhir.instance.model.api.IIdType;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Patient;

/** Software that carries an access token, which it was given: HAPI has no client assertions of its own. */
public final class BackendSoftware {
    private BackendSoftware() {}

    public static void main(String[] arguments) {
        String base = arguments[0];
        Verdict verdict = new Verdict();
        verdict.step("carry-a-token", () -> {
            IGenericClient client = Software.client(base);
            client.registerInterceptor(new BearerTokenAuthInterceptor(arguments[1]));
            IIdType id = client.create().resource(Software.person("1", "Payet")).execute().getId();
            same("Payet", client.read().resource(Patient.class).withId(id.getIdPart()).execute().getNameFirstRep().getFamily());
            Bundle found = client.search().forResource(Patient.class).returnBundle(Bundle.class).execute();
            check(!found.getEntry().isEmpty(), "nothing was found");
        });
        verdict.step("be-refused-with-another-token", () -> {
            IGenericClient client = Software.client(base);
            client.registerInterceptor(new BearerTokenAuthInterceptor(arguments[1] + "x"));
            refused(AuthenticationException.class, () -> client.read().resource(Patient.class).withId("1").execute());
        });
        verdict.step("be-refused-without-a-token", () ->
                refused(AuthenticationException.class, () -> Software.client(base).read().resource(Patient.class).withId("1").execute()));
        verdict.print();
    }
}
