package org.passerelle.peer;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.StrictErrorHandler;
import ca.uhn.fhir.rest.client.api.IGenericClient;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.Patient;

/** A HAPI FHIR client whose parser fails at whatever it would else warn of. */
final class Software {
    static final String INS = "urn:oid:1.2.250.1.213.1.4.10";

    private Software() {}

    static IGenericClient client(String base) {
        FhirContext context = FhirContext.forR4();
        context.setParserErrorHandler(new StrictErrorHandler());
        context.getRestfulClientFactory().setSocketTimeout(30_000);
        return context.newRestfulGenericClient(base);
    }

    static Patient person(String number, String family) {
        Patient patient = new Patient();
        patient.addIdentifier(new Identifier().setSystem(INS).setValue(number));
        patient.addName().setFamily(family).addGiven("Zoé");
        return patient;
    }
}
