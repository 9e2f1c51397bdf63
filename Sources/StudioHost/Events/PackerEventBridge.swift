package import Packer

/// Carries a project's events onto the bus, one for one and in their order. The packer sees a sink and never a bus.
package struct PackerEventBridge: PackerEventSink {
    private let bus: EventBus

    package init(to bus: EventBus) { self.bus = bus }

    package func publish(_ event: PackerEvent) { bus.publish(event) }
}
