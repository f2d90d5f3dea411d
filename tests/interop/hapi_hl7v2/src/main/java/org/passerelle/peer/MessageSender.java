package org.passerelle.peer;

import ca.uhn.hl7v2.DefaultHapiContext;
import ca.uhn.hl7v2.HapiContext;
import ca.uhn.hl7v2.app.Connection;
import ca.uhn.hl7v2.hoh.hapi.api.MessageSendable;
import ca.uhn.hl7v2.hoh.hapi.client.HohClientSimple;
import ca.uhn.hl7v2.llp.MinLowerLayerProtocol;
import ca.uhn.hl7v2.model.Message;
import ca.uhn.hl7v2.model.v25.message.ACK;
import ca.uhn.hl7v2.model.v25.message.ADT_A01;
import ca.uhn.hl7v2.util.Terser;
import ca.uhn.hl7v2.validation.impl.ValidationContextFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * HAPI as a hospital's sender: arguments are the ports of MLLP, MLLP over TLS and HTTP, and files with messages (an admission, a discharge).
 * What came of each step is printed as one JSON object: "ok", or what was wrong.
 */
public final class MessageSender {
    interface Step {
        void run() throws Exception;
    }

    private final Map<String, String> told = new LinkedHashMap<>();
    private final HapiContext context = context();
    private final int mllp;
    private final int tls;
    private final int http;
    private final String admission;

    private MessageSender(String[] arguments) throws Exception {
        mllp = Integer.parseInt(arguments[0]);
        tls = Integer.parseInt(arguments[1]);
        http = Integer.parseInt(arguments[2]);
        admission = Files.readString(Path.of(arguments[3]), StandardCharsets.UTF_8);
    }

    public static void main(String[] arguments) throws Exception {
        MessageSender sender = new MessageSender(arguments);
        sender.work();
        System.out.println(sender.told.entrySet().stream()
                .map(entry -> quoted(entry.getKey()) + ": " + quoted(entry.getValue()))
                .collect(Collectors.joining(", ", "{", "}")));
        System.exit(0);
    }

    private void work() {
        step("send an admission by MLLP", () -> accepted(overMllp(mllp, false, message("H1")), "AA", "H1"));
        step("send a thousand in order on one connection", this::manyOnOneConnection);
        step("read where a message is wrong", this::wrongBirthDate);
        step("hear that an event is not taken", () -> accepted(overMllp(mllp, false, event("Z01", "H3")), "AR", "H3"));
        step("get an accept acknowledgement", () -> accepted(overMllp(mllp, false, enhanced("H4", "AL", "NE")), "CA", "H4"));
        step("get an application acknowledgement alone", () -> accepted(overMllp(mllp, false, enhanced("H5", "NE", "AL")), "AA", "H5"));
        step("send over TLS", () -> accepted(overMllp(tls, true, message("H6")), "AA", "H6"));
        step("send by HTTP", () -> accepted(overHttp(message("H7")), "AA", "H7"));
        step("hear of an error by HTTP", () -> accepted(overHttp(wrong("H8")), "AE", "H8"));
    }

    private void manyOnOneConnection() throws Exception {
        Connection connection = context.newClient("127.0.0.1", mllp, false);
        try {
            for (int number = 0; number < 1000; number++) {
                accepted(connection.getInitiator().sendAndReceive(message("N" + number)), "AA", "N" + number);
            }
        } finally {
            connection.close();
        }
    }

    private void wrongBirthDate() throws Exception {
        Message answer = overMllp(mllp, false, wrong("H2"));
        accepted(answer, "AE", "H2");
        Terser terser = new Terser(answer);
        same("PID", terser.get("/ERR-2-1"));
        same("7", terser.get("/ERR-2-3"));
        same("102", terser.get("/ERR-3-1"));
        same("E", terser.get("/ERR-4"));
    }

    private Message overMllp(int port, boolean encrypted, Message message) throws Exception {
        Connection connection = context.newClient("127.0.0.1", port, encrypted);
        try {
            connection.getInitiator().setTimeout(30, TimeUnit.SECONDS);
            return connection.getInitiator().sendAndReceive(message);
        } finally {
            connection.close();
        }
    }

    private Message overHttp(Message message) throws Exception {
        HohClientSimple client = new HohClientSimple("127.0.0.1", http, "/hl7v2", context.getGenericParser());
        try {
            return client.sendAndReceiveMessage(new MessageSendable(message)).getMessage();
        } finally {
            client.close();
        }
    }

    /** The admission under another number (MSH-10, PV1-19 and ZBE-1), so that each is a stay of its own. */
    private Message message(String number) throws Exception {
        ADT_A01 parsed = (ADT_A01) context.getPipeParser().parse(admission);
        parsed.getMSH().getMessageControlID().setValue(number);
        Terser terser = new Terser(parsed);
        terser.set("/PV1-19-1", "VISIT-" + number);
        terser.set("/ZBE-1-1", "MOVE-" + number);
        terser.set("/PID-18-1", "ACCOUNT-" + number);
        return parsed;
    }

    private Message wrong(String number) throws Exception {
        Message message = message(number);
        new Terser(message).set("/PID-7-1", "19401317");
        return message;
    }

    private Message event(String event, String number) throws Exception {
        Message message = message(number);
        new Terser(message).set("/MSH-9-2", event);
        return message;
    }

    private Message enhanced(String number, String accept, String application) throws Exception {
        Message message = message(number);
        new Terser(message).set("/MSH-15", accept);
        new Terser(message).set("/MSH-16", application);
        return message;
    }

    private static void accepted(Message answer, String code, String number) throws Exception {
        check(answer instanceof ACK, "the answer was read as " + answer.getClass().getSimpleName());
        same(code, ((ACK) answer).getMSA().getAcknowledgmentCode().getValue());
        same(number, ((ACK) answer).getMSA().getMessageControlID().getValue());
    }

    private static HapiContext context() {
        DefaultHapiContext made = new DefaultHapiContext();
        made.setValidationContext(ValidationContextFactory.noValidation());
        made.setLowerLayerProtocol(new MinLowerLayerProtocol(true));
        return made;
    }

    private static void same(Object expected, Object found) {
        check(expected.equals(found), "expected " + expected + ", found " + found);
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    private void step(String name, Step step) {
        try {
            step.run();
            told.put(name, "ok");
        } catch (Throwable error) {
            told.put(name, error.toString());
        }
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("\\p{Cntrl}", " ") + '"';
    }
}
