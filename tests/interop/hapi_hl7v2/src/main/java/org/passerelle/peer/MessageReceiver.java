package org.passerelle.peer;

import ca.uhn.hl7v2.DefaultHapiContext;
import ca.uhn.hl7v2.HL7Exception;
import ca.uhn.hl7v2.app.HL7Service;
import ca.uhn.hl7v2.llp.MinLowerLayerProtocol;
import ca.uhn.hl7v2.model.Message;
import ca.uhn.hl7v2.parser.CanonicalModelClassFactory;
import ca.uhn.hl7v2.protocol.ReceivingApplication;
import ca.uhn.hl7v2.util.Terser;
import ca.uhn.hl7v2.validation.impl.ValidationContextFactory;
import java.io.IOException;
import java.util.Map;

/**
 * HAPI as a hospital's listener: the argument is its port. Each message that comes is answered AA and printed as one line of what was read:
 * the places that `PLACES` names, tabs between them, empty where a message has nothing there.
 */
public final class MessageReceiver implements ReceivingApplication<Message> {
    private static final String[] PLACES = {
        "MSH-9-1", "MSH-9-2", "MSH-3-1", "MSH-4-1", "MSH-5-1", "MSH-6-1", "MSH-10", "PID-3-1", "PID-3-4-2", "PID-3-5", "PID-5-1-1", "PID-5-2",
        "PID-7-1", "PID-8", "PID-13-12", "ROL-4-1", "ROL-4-2-1", "TXA-12-1", "TXA-13-1", "TXA-19", "TXA-25", "OBX-5-4", "OBX-5-5",
        "OBX-11", "MRG-1-1", "MRG-7-1-1",
    };

    public static void main(String[] arguments) throws Exception {
        DefaultHapiContext context = new DefaultHapiContext();
        context.setValidationContext(ValidationContextFactory.noValidation());
        context.setLowerLayerProtocol(new MinLowerLayerProtocol(true));
        context.setModelClassFactory(new CanonicalModelClassFactory("2.5"));
        HL7Service server = context.newServer(Integer.parseInt(arguments[0]), false);
        server.registerApplication(new MessageReceiver());
        server.startAndWait();
        print("ready");
        Thread.currentThread().join();
    }

    @Override
    public boolean canProcess(Message message) {
        return true;
    }

    @Override
    public Message processMessage(Message message, Map<String, Object> metadata) throws HL7Exception {
        Terser terser = new Terser(message);
        StringBuilder line = new StringBuilder();
        for (String place : PLACES) {
            line.append(place).append('=').append(read(terser, place)).append('\t');
        }
        print(line.toString());
        try {
            return message.generateACK();
        } catch (IOException error) {
            throw new HL7Exception(error);
        }
    }

    private static String read(Terser terser, String place) {
        try {
            String found = terser.get("/." + place);
            return found == null ? "" : found.replaceAll("\\s", " ");
        } catch (HL7Exception absent) {
            return "";
        }
    }

    private static synchronized void print(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
